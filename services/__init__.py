"""Doing: what people and time may change or ask; no Telegram, no words."""
