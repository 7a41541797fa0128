"""The panels that role homes are made of."""
