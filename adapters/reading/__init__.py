"""Safe readers shared by the sources: any bytes give a tree, a table or an `Unreadable`."""
