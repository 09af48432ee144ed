"""Penalties in double precision."""

import numpy as np


def l1_l2(x, l1=0.0, l2=0.0):
    return l1 * np.abs(x).sum() + l2 * (x**2).sum()


def l1(x, l1=0.01):
    return l1_l2(x, l1=l1)


def l2(x, l2=0.01):
    return l1_l2(x, l2=l2)
