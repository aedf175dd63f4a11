"""What all server-rendered pages share: layout, headers, words and errors."""
