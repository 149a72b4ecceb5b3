"""Arrays as text, a line each: name, type, extents, a colon and the bytes in hexadecimal. Ends with 77 where there is no
numpy."""
import sys

try:
    import numpy
except ImportError:
    print("skipped: python3 has no numpy (Debian: python3-numpy)")
    sys.exit(77)

TYPES = {
    name: numpy.dtype(code)
    for name, code in [
        ("BOOL", "|b1"), ("U8", "|u1"), ("I8", "|i1"), ("U16", "<u2"), ("I16", "<i2"), ("F16", "<f2"),
        ("U32", "<u4"), ("I32", "<i4"), ("F32", "<f4"), ("U64", "<u8"), ("I64", "<i8"), ("F64", "<f8"),
    ]
}  # fmt: skip


def expected(path):
    """Names and arrays of a text."""
    for line in open(path, encoding="utf-8"):
        what, _, digits = line.strip().partition(":")
        name, kind, *shape = what.split()
        yield name, numpy.frombuffer(bytes.fromhex(digits), TYPES[kind]).reshape([int(extent) for extent in shape])


def check(arrays, wanted):
    """Whether both have the same names, types, shapes and bits."""
    assert arrays.keys() == wanted.keys(), (arrays.keys(), wanted.keys())
    for name, numbers in wanted.items():
        assert arrays[name].shape == numbers.shape, name
        assert arrays[name].dtype == numbers.dtype, name
        assert arrays[name].tobytes() == numbers.tobytes(), name
