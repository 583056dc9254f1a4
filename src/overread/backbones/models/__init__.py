"""Backbones of the house, one file each, beside every image model of timm."""
