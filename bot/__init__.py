"""Passerelle: everything that serves people, staff and Rasa."""
