"""Order in, plan out. Pure: no database, no Telegram, no clock."""
