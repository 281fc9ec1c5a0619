"""`handstream audit`: whether every frame has its one outcome."""
