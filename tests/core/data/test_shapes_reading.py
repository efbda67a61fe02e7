"""Files of shapes: every form is told by how the file looks, and what can't be used is refused with its place."""

import zipfile
from pathlib import Path

import numpy as np
import pytest

from core.data.shapes import Graph, Shapes
from core.data.shapes_reading import Choice, holds_shapes, inspect_shapes, read_shapes
from core.errors import BadInput
from core.sources import inspect_file, open_source

UCR = "1\t0.5\t1.5\t-2.0\n2\t0.25\t1.0\t3.5\n1\t0.1\t0.2\t0.3\n2\t0.3\t0.2\t0.1\n"
TS = "# a comment\n@problemName two\n@classLabel true no yes\n@data\n1.0,2.0,3.0:4.0,5.0,6.0:yes\n1.5,2.5:3.5,4.5:no\n"
GML = """graph [
  directed 0
  node [ id 10 label "a ] b" x 1.5 ]
  node [ id 20 label "c" x 2.5 ]
  node [ id 30 x 3.5 ]
  edge [ source 10 target 20 weight 2 ]
  edge [ source 30 target 20 weight 0.5 ]
]"""


def written(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def zipped(folder: Path, name: str, members: dict[str, str]) -> Path:
    path = folder / name
    with zipfile.ZipFile(path, "w") as archive:
        for member, content in members.items():
            archive.writestr(member, content)
    return path


def saved(folder: Path, **arrays: np.ndarray) -> Path:
    path = folder / "shapes.npz"
    np.savez(path, **arrays)
    return path


def read(path: Path, **choice: str) -> Shapes:
    return read_shapes(path, path.name, Choice(**choice))


def refused(path: Path, **choice: str) -> str:
    with pytest.raises(BadInput) as error:
        read(path, **choice)
    return str(error.value)


class TestText:
    def test_ucr(self, tmp_path):
        """A row of a UCR file is a label and a series; tab, spaces and commas separate alike."""
        for name, text in (
            ("a_TRAIN.tsv", UCR),
            ("a_TRAIN.txt", UCR.replace("\t", "   ")),
            ("a.csv", UCR.replace("\t", ",")),
        ):
            shapes = read(written(tmp_path, name, text), form="series")
            assert shapes.form == "series" and shapes.classes == ("1", "2") and shapes.y.tolist() == [0, 1, 0, 1]
            assert shapes.items[0].tolist() == [[0.5, 1.5, -2.0]]

    def test_padding(self, tmp_path):
        """NaN at the end of a series fills it up; NaN inside is refused with its place."""
        shapes = read(written(tmp_path, "a.txt", "1 0.5 1.5 NaN\n1 0.5 0.25 0.1\n2 1 2.5 3\n2 1 2 3"), form="series")
        assert shapes.items[0].tolist() == [[0.5, 1.5]]
        told = refused(written(tmp_path, "b.txt", "1 0.5 NaN 1.5\n1 1 2 3.5"), form="series")
        assert "series 1" in told and "step 2" in told

    def test_cloud_and_distances(self, tmp_path):
        """Numbers without a header are a cloud, and a matrix of distances where they can be one."""
        assert read(written(tmp_path, "a.csv", "0,1\n1,0.5\n2,2\n")).items[0].shape == (3, 2)
        shapes = read(written(tmp_path, "d.txt", "0 1 2\n1 0 1.5\n2 1.5 0\n"))
        assert shapes.form == "distances" and shapes.items[0][2, 1] == 1.5

    def test_edge_list(self, tmp_path):
        """Two whole numbers a line are an edge list when a person says so; repetitions and loops do not count."""
        graph = read(written(tmp_path, "e.txt", "5 7\n7 5\n7 9\n9 9\n"), form="graphs").items[0]
        assert isinstance(graph, Graph) and graph.vertices == 3 and graph.edges.tolist() == [[0, 1], [1, 2]]

    @pytest.mark.parametrize(
        ("text", "form", "said"),
        [
            ("0 1\n1 x\n", "cloud", "line 2, field 2"),
            ("0 1\n1\n", "cloud", "row 2 has 1 values"),
            ("0 1_0\n1 2\n", "cloud", "field 2 is '1_0'"),
            ("0 1 2\n1 0 1\n3 1 0\n", "distances", "symmetric"),
            ("0.5 1\n1 2\n", "graphs", "two whole numbers"),
            ("1 2\n2 3\n", "images", "npz"),
            ("1 2\n2 3\n", "shape", "it is one of cloud"),
        ],
    )
    def test_refusals(self, tmp_path, text, form, said):
        """A field that is no number, a short row, and a form that does not fit are refused."""
        assert said in refused(written(tmp_path, "a.txt", text.replace("0 1_0", "0 10\n0 1_0")), form=form)


class TestTs:
    def test_read(self, tmp_path):
        """Channels, lengths that differ, and labels of .ts are read."""
        shapes = read(written(tmp_path, "two.ts", TS))
        assert shapes.classes == ("no", "yes") and shapes.y.tolist() == [1, 0]
        assert shapes.items[0].tolist() == [[1, 2, 3], [4, 5, 6]] and shapes.items[1].shape == (2, 2)

    @pytest.mark.parametrize(
        ("old", "new", "said"),
        [
            ("yes\n1.5", "maybe\n1.5", "label 'maybe'"),
            ("@data\n", "", "before the line @data"),
            ("3.0:4.0", "3.0,9.0:4.0", "lengths [3, 4]"),
            ("2.0", "two", "holds 'two'"),
            ("@classLabel true no yes", "@targetLabel true", "targets"),
            ("@problemName two", "@timeStamps true", "time stamps"),
        ],
    )
    def test_refusals(self, tmp_path, old, new, said):
        """Whatever .ts allows and is not read here is refused with its line."""
        assert said in refused(written(tmp_path, "two.ts", TS.replace(old, new, 1)))


class TestSplit:
    def test_pair(self, tmp_path):
        """A zip file with a training and a test file keeps the split, and names classes in numeric order."""
        path = zipped(
            tmp_path, "a.zip", {"d/A_TRAIN.txt": UCR.replace("2\t", "10\t"), "d/A_TEST.txt": UCR, "d/README.md": "x"}
        )
        shapes = read(path)
        assert shapes.train.tolist() == [True] * 4 + [False] * 4 and shapes.classes == ("1", "2", "10")
        assert shapes.y.tolist() == [0, 2, 0, 2, 0, 1, 0, 1]
        details = inspect_shapes(path, path.name)
        assert (details["train"], details["test"], details["items"], details["points"]) == (4, 4, 8, [3, 3, 3])

    def test_half_labelled(self, tmp_path):
        """Labels in one of the two files alone are refused."""
        bare = TS.replace("@classLabel true no yes", "@classLabel false").replace(":yes", "").replace(":no", "")
        assert "labels" in refused(zipped(tmp_path, "a.zip", {"A_TRAIN.ts": TS, "A_TEST.ts": bare}))


class TestArrays:
    def test_forms(self, tmp_path):
        """The shape of X tells clouds, images, series and one cloud apart; a person's word counts first."""
        generator = np.random.default_rng(0)
        for shape, form in (
            ((4, 9, 3), "clouds"),
            ((4, 9, 8), "images"),
            ((4, 9, 8, 2), "images"),
            ((4, 30), "series"),
            ((9, 3), "cloud"),
        ):
            assert read(saved(tmp_path, X=generator.random(shape))).form == form
        assert read(saved(tmp_path, X=generator.random((4, 3))), form="series").items[0].shape == (1, 3)

    def test_numbered_clouds(self, tmp_path):
        """cloud_0, cloud_1, ... are clouds of any sizes, in the order of their numbers, with labels and a function."""
        clouds = {f"cloud_{i}": np.full((i + 1, 2), float(i)) for i in range(12)}
        shapes = read(saved(tmp_path, **clouds, y=np.arange(12) % 2, function=np.arange(78.0)))
        assert [len(cloud) for cloud in shapes.items] == list(range(1, 13)) and shapes.functions[2].tolist() == [
            3,
            4,
            5,
        ]
        assert shapes.y.tolist() == [0, 1] * 6

    @pytest.mark.parametrize(
        ("arrays", "said"),
        [
            ({"Z": np.zeros((2, 2))}, "no array X"),
            ({"X": np.array([[0.0, np.nan], [1, 2]])}, "point 1, coordinate 2"),
            ({"X": np.array([[0.0, np.inf], [1, 2]])}, "finite"),
            ({"X": np.zeros((3, 5, 5, 3))}, "3 channels"),
            ({"X": np.zeros((3, 4, 2)), "y": np.zeros(2)}, "one label for each"),
            ({"X": np.zeros((3, 2)), "function": np.zeros(2)}, "one value a point"),
            ({"X": np.array([["a"]])}, "numbers"),
            ({"X": np.zeros((0, 2))}, "no samples"),
        ],
    )
    def test_refusals(self, tmp_path, arrays, said):
        """Values that are not finite, and labels or functions of another length, are refused with the place."""
        assert said in refused(saved(tmp_path, **arrays))

    def test_no_pickle(self, tmp_path):
        """An object array is never opened."""
        assert "pickle" in refused(saved(tmp_path, X=np.array([[1, 2], None], dtype=object)))


class TestTable:
    def test_long_form(self, tmp_path):
        """Points of a cloud share its id, wherever their rows are; label and function columns are told by name."""
        text = "id,x,y_,label,function\nb,0,1,up,5\na,2,3,down,6\nb,4,5,up,7\n"
        shapes = read(written(tmp_path, "c.csv", text))
        assert shapes.form == "clouds" and [item.tolist() for item in shapes.items] == [[[0, 1], [4, 5]], [[2, 3]]]
        assert [shapes.classes[code] for code in shapes.y] == ["up", "down"]
        assert [values.tolist() for values in shapes.functions] == [[5, 7], [6]]

    def test_two_labels(self, tmp_path):
        """A cloud with two labels is refused."""
        assert "one label an item" in refused(written(tmp_path, "c.csv", "id,x,label\na,0,u\na,1,v\n"))

    def test_one_cloud_and_series(self, tmp_path):
        """A narrow table is a cloud, a wide one has a series a row; a chosen column is the function."""
        assert read(written(tmp_path, "a.csv", "x,z,f\n0,1,2\n3,4,5\n"), function="f").functions[0].tolist() == [2, 5]
        names = ",".join(f"t{i}" for i in range(12))
        rows = "\n".join("a," + ",".join(str(i / 7) for i in range(12)) for _ in range(3))
        shapes = read(written(tmp_path, "b.csv", f"label,{names}\n{rows}\n"))
        assert shapes.form == "series" and len(shapes) == 3 and shapes.classes == ("a",)

    def test_y_is_a_coordinate_beside_x(self, tmp_path):
        """x, y and x, y, z are points of the plane and of space; without an x, y is a label as elsewhere, and said to be one."""
        assert read(written(tmp_path, "a.csv", "x,y\n0,1\n2,3\n")).items[0].tolist() == [[0, 1], [2, 3]]
        assert "column 'y' has no value in row 2" in refused(written(tmp_path, "b.csv", "x,y\n0,1\n2,\n"))
        many = read(written(tmp_path, "c.csv", "id,X,Y,label\na,0,1,up\na,2,3,up\nb,4,5,down\n"))
        assert [item.shape for item in many.items] == [(2, 2), (1, 2)] and many.classes == ("down", "up")
        lone = read(written(tmp_path, "d.csv", "u1,u2,y\n0,1,0\n2,3,1\n"))
        assert lone.items[0].tolist() == [[0, 1], [2, 3]]
        assert lone.notes == ("Column 'y' was taken for labels of the points, not for a coordinate.",)

    def test_edge_list(self, tmp_path):
        """Columns source and target are graphs, one for each value of a column graph, with lengths."""
        text = "graph,source,target,weight,label\n1,a,b,2,x\n1,b,c,3,x\n2,a,b,1,y\n"
        shapes = read(written(tmp_path, "e.csv", text))
        first, second = shapes.items
        assert first.vertices == 3 and first.lengths.tolist() == [2, 3] and second.vertices == 2
        assert shapes.y.tolist() == [0, 1]

    def test_refusals(self, tmp_path):
        """Text among coordinates, an empty cell and a missing column are named."""
        assert "column 'k' holds text" in refused(written(tmp_path, "a.csv", "x,k\n0,u\n1,v\n"))
        assert "row 2 (line 3)" in refused(written(tmp_path, "b.csv", "x,k\n0,1\n1,\n"))
        assert "no column called cloud" in refused(written(tmp_path, "c.csv", "x,k\n0,1\n"), form="clouds")
        assert "no columns source" in refused(written(tmp_path, "d.csv", "x,k\n0,1\n"), form="graphs")


class TestGml:
    def test_read(self, tmp_path):
        """Nodes, edges, lengths and numbers of nodes of a gml file are read."""
        graph = read(written(tmp_path, "g.gml", GML)).items[0]
        assert graph.vertices == 3 and graph.edges.tolist() == [[0, 1], [1, 2]] and graph.lengths.tolist() == [2, 0.5]
        assert graph.attributes["x"].tolist() == [1.5, 2.5, 3.5] and "label" not in graph.attributes

    @pytest.mark.parametrize(
        ("old", "new", "said"),
        [
            ("target 20 weight 0.5", "target 40 weight 0.5", "no vertex"),
            ("id 20", "id 10", "two nodes"),
            ("source 10 ", "", "no source and target"),
            ('"c"', '"c', "quote"),
            ("graph [", "graph [ [", "stands where a name"),
            ("0.5 ]\n]", "0.5 ]", "left open"),
            ("graph", "tree", "0 graphs"),
            ("directed 0", "a [ " * 12 + "b 1" + " ]" * 12, "nested"),
        ],
    )
    def test_refusals(self, tmp_path, old, new, said):
        """Damaged gml is refused."""
        assert said in refused(written(tmp_path, "g.gml", GML.replace(old, new, 1)))


TU = {
    "S/S_A.txt": "1, 2\n2, 1\n2, 3\n3, 2\n4, 5\n5, 4\n",
    "S/S_graph_indicator.txt": "1\n1\n1\n2\n2\n2\n",
    "S/S_graph_labels.txt": "-1\n1\n",
    "S/S_node_labels.txt": "0\n1\n0\n2\n2\n2\n",
    "S/S_edge_attributes.txt": "1.5\n1.5\n2.5\n2.5\n1\n1\n",
}


class TestTu:
    def test_read(self, tmp_path):
        """Graphs, labels, attributes and lengths of a TU folder are read; each edge once, vertices without edges kept."""
        shapes = read(zipped(tmp_path, "S.zip", TU))
        first, second = shapes.items
        assert first.edges.tolist() == [[0, 1], [1, 2]] and first.lengths.tolist() == [1.5, 2.5]
        assert second.vertices == 3 and second.edges.tolist() == [[0, 1]] and shapes.classes == ("-1", "1")
        assert first.attributes["label"].tolist() == [0, 1, 0]

    @pytest.mark.parametrize(
        ("part", "content", "said"),
        [
            ("A", "1, 2\n2, 9\n", "names vertex 9"),
            ("A", "1, 4\n", "joins two graphs"),
            ("A", "1\n", "2 whole numbers"),
            ("graph_indicator", "1\n1\n1\n3\n3\n3\n", "1, 2, ..."),
            ("graph_labels", "1\n1\n1\n", "3 rows"),
            ("node_labels", "1\n", "6 are expected"),
            ("edge_attributes", "1\n2\n2\n2\n1\n1\n", "two lengths"),
        ],
    )
    def test_refusals(self, tmp_path, part, content, said):
        """Files of a TU folder that do not fit each other are refused."""
        assert said in refused(zipped(tmp_path, "S.zip", TU | {f"S/S_{part}.txt": content}))


class TestDetection:
    def test_unmistakable(self, tmp_path):
        """.ts, gml, UCR text, TU folders and pairs are shapes by themselves; tables and arrays are data sets."""
        sure = [
            written(tmp_path, "a.ts", TS),
            written(tmp_path, "a.gml", GML),
            written(tmp_path, "a_TRAIN.txt", UCR),
            zipped(tmp_path, "t.zip", TU),
            zipped(tmp_path, "p.zip", {"A_TRAIN.ts": TS, "A_TEST.ts": TS}),
        ]
        for path in sure:
            assert holds_shapes(path, path.name) and inspect_file(path, path.name)[0] == "shapes"
        table = written(tmp_path, "a.csv", "x1,x2\n0,1\n2,3\n")
        assert inspect_file(table, "a.csv")[0] == "dataset"
        assert inspect_file(table, "a.csv", "shapes")[0] == "shapes"
        assert open_source("shapes", str(table)).details["form"] == "cloud"

    def test_renamed(self, tmp_path):
        """A file that lies under its digest and was renamed by a person is still read by its own ending."""
        assert len(read_shapes(written(tmp_path, "content.ts", TS), "my favourite")) == 2

    def test_other_zip(self, tmp_path):
        """A zip file of something else is refused as shapes, with what is expected."""
        assert "TU folder" in refused(zipped(tmp_path, "x.zip", {"a.txt": "1 2"}))
        assert not holds_shapes(tmp_path / "x.zip", "x.zip")

    def test_damaged(self, tmp_path):
        """A zip file that was cut off, zero bytes and bytes that are no UTF-8 are refused."""
        path = zipped(tmp_path, "S.zip", TU)
        path.write_bytes(path.read_bytes()[:200])
        assert "damaged" in refused(path)
        assert "zero bytes" in refused(written(tmp_path, "a.ts", b"@data\n1,2\0:a"))
        assert "UTF-8" in refused(written(tmp_path, "b.ts", b"@data\n1,2\xff"))
