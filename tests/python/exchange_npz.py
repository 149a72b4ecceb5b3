"""Has numpy read an archive that Rocket wrote, and Rocket those that numpy wrote. Arguments: the program npz_as_text and
a folder for the archives. Ends with 77 where there is no numpy."""
import subprocess
import sys

from arrays_as_text import TYPES, check, expected, numpy


def arrays():
    random = numpy.random.default_rng(1)
    made = {
        name: numpy.frombuffer(random.bytes(24 * kind.itemsize), kind).reshape(2, 3, 4)
        for name, kind in TYPES.items()
        if name != "BOOL"
    }
    made["BOOL"] = made["U8"] > 127
    made["by_columns"] = numpy.asfortranarray(made["F32"])
    made["matrix_by_columns"] = made["I16"].reshape(4, 6).T
    made["every_second"] = made["F64"][:, ::2]
    made["one"] = numpy.float64(0.1)
    made["none"] = numpy.zeros((3, 0), "<f4")
    made["zeros"] = numpy.zeros(1_000_000, "<f4")
    made["größe/x.npy"] = made["F32"]
    return made


program, folder = sys.argv[1:]


def run(mode, name):
    """What is in the archive, as Rocket says."""
    paths = [f"{folder}/{name}.npz", f"{folder}/{name}.txt"]
    subprocess.run([program, mode, *paths], check=True)
    return dict(expected(paths[1]))


written = run("write", "rocket")
with numpy.load(f"{folder}/rocket.npz") as file:
    check({name: file[name] for name in file.files}, written)
assert written["trunk.0.weight"].shape == (5, 4)

for save in (numpy.savez, numpy.savez_compressed):
    save(f"{folder}/{save.__name__}.npz", **arrays())
    check(run("read", save.__name__), arrays())
print(f"{len(written)} arrays of Rocket's read, {len(arrays())} of numpy's")
