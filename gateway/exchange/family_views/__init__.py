"""What a family sees: who may see what and why, who looked, what is new."""
