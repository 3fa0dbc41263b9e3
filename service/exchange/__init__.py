"""Plans and boards as files: read from spreadsheets, compared with what is there, written out."""
