"""Reads a checkpoint with numpy, by the format's description alone and, where it is installed, by the format's own
library; both must find what the text file says. Ends with 77 where there is no numpy."""
import json
import sys

from arrays_as_text import TYPES, check, expected, numpy


def by_description(path):
    content = open(path, "rb").read()
    length = int.from_bytes(content[:8], "little")
    header = json.loads(content[8 : 8 + length])
    metadata = header.pop("__metadata__")
    data = content[8 + length :]
    arrays = {}
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        arrays[name] = numpy.frombuffer(data[begin:end], TYPES[entry["dtype"]]).reshape(entry["shape"])
    return arrays, metadata


checkpoint, text = sys.argv[1:]
readers = [by_description]
try:
    import safetensors

    def by_library(path):
        with safetensors.safe_open(path, "numpy") as file:
            return {name: file.get_tensor(name) for name in file.keys()}, file.metadata()

    readers.append(by_library)
except ImportError:
    print("python3 has no safetensors: read by the format's description alone")

for reader in readers:
    arrays, metadata = reader(checkpoint)
    wanted = dict(expected(text))
    check(arrays, wanted)
    assert arrays["trunk.0.weight"].shape == (64, 16)
    assert arrays["optimizer.0.light.weight"].shape == (16, 10)
    assert metadata["commit"] == "abc"
    assert json.loads(metadata["rocket.position"])["epoch"] == 1
print(f"{len(wanted)} arrays read")
