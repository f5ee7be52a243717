"""Meta's Graph API as far as the WhatsApp Business Platform needs it."""
