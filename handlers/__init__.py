"""Hearing: one module per conversation; no rules, no words, no queries."""
