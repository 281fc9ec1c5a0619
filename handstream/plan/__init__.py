"""`handstream plan`: what a number of cameras takes, from costs that were measured."""
