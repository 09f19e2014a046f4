"""The public door: keeps what arrives, decides who answers, and carries answers back."""
