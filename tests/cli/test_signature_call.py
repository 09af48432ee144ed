"""`zoo translate`, `generate` and `sample` with exported artifacts."""

import shutil

import numpy as np
import pytest

import export
import zoo
from serving.engines import find_engines
from zoo.cli.main import run
from zoo.inference.generators import sample
from zoo.inference.translation import translate
from zoo.runs.artifacts import FILES


@pytest.fixture
def ask(capsys):
    def call(*arguments):
        code = run(list(map(str, arguments)))
        return code, *capsys.readouterr()

    return call


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    """A folder with the artifact of an autoencoder."""
    base = tmp_path_factory.mktemp("models")
    export.export_model("vae.digits", base, formats=("onnx",))
    return base


def exported(name, base):
    return export.export_model(name, base, formats=("saved_model",)).path


@pytest.mark.slow
def test_an_artifact_translates_as_its_model(ask, tmp_path):
    texts = ["20 July 1969", "1 May 2001"]
    expected = translate("translator.dates", texts, beam_width=2)
    path = exported("translator.dates", tmp_path)
    for each in (path.parent, path / "saved_model.pb"):
        code, out, err = ask("translate", each, *texts, "--beam-width", 2)
        assert (code, out.splitlines(), err) == (0, expected, "")


@pytest.mark.slow
def test_an_artifact_writes_a_text(ask, tmp_path):
    options = ("--prompt", "The ", "--length", 20, "--temperature", 0)
    expected = ask("generate", "char_gru.tiny_shakespeare", *options)[1]
    found = ask("generate", exported("char_gru.tiny_shakespeare", tmp_path), *options)
    assert found == (0, expected, "")
    assert len(expected) == 4 + 20 + 1


def test_an_artifact_draws_samples(ask, models, tmp_path):
    output = tmp_path / "x.npy"
    code, _, err = ask(
        "sample", models / "vae.digits", "--count", 3, "--seed", 7, "--output", output
    )
    assert (code, err) == (0, "")
    expected = sample("vae.digits", 3, seed=7)
    np.testing.assert_allclose(np.load(output), expected, atol=1e-5)


@pytest.fixture(scope="module")
def conditional(tmp_path_factory):
    """A run of a conditional generator, and the folder of its artifact."""
    base = tmp_path_factory.mktemp("conditional")
    sizes = {"filters": (4,), "latents": 4}
    model = zoo.train(
        "conditional_gan", epochs=1, overrides=sizes, output=base / "run", jit="off"
    )
    return model, export.export_model(model, base, formats=("onnx",)).path


@pytest.mark.parametrize("label", [None, "3"])
def test_an_artifact_draws_samples_of_a_class(ask, conditional, tmp_path, label):
    run, folder = conditional
    output = tmp_path / "x.npy"
    given = [] if label is None else ["--label", label]
    code, _, err = ask("sample", folder, "--count", 12, *given, "--output", output)
    assert (code, err) == (0, "")
    expected = sample(run, 12, label=label)
    np.testing.assert_allclose(np.load(output), expected, atol=1e-5)


def test_an_artifact_that_names_no_classes_takes_their_numbers(
    ask, conditional, tmp_path
):
    run, folder = conditional
    model = tmp_path / "1"
    shutil.copytree(folder, model)
    (model / "manifest.json").unlink()
    output = tmp_path / "x.npy"
    assert ask("sample", model, "--label", 3, "--output", output)[0] == 0
    expected = sample(run, 16, label="3")
    np.testing.assert_allclose(np.load(output), expected, atol=1e-5)
    output.unlink()
    for given, received in (((), "None"), (("--label", "a"), "'a'")):
        code, out, err = ask("sample", model, *given, "--output", output)
        assert (code, out, err.count("\n")) == (1, "", 1)
        assert f"give the number of one as `label`. Received: {received}" in err
        assert not output.exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("translate vae.digits x", "has no signature 'translate'; it has decode, enc"),
        ("sample vae.digits --label 3", "samples of no given class; leave `label` out"),
        ("sample vae.digits --count 0", "`count` must be 1 to 100,000. Received: 0"),
        ("sample vae.digits --seed -1", f"must be 0 to {2**63 - 16}. Received: -1"),
        ("predict vae.digits/1 20", "no file 20; `zoo sample vae.digits/1` draws samp"),
        ("evaluate vae.digits", "vae.digits is an exported artifact, which `zoo pred"),
        ("evaluate vae.digits/1", "give what it was exported from: a run folder, a"),
        ("evaluate vae.digits/1/model.onnx", "model.onnx is an exported artifact"),
        ("neighbours vae.digits/1/model.onnx x", "is an exported artifact, which"),
        ("export vae.digits --base-path more", "is an exported artifact, which"),
        ("train mlp --weights vae.digits", "is an exported artifact, which"),
    ],
)
def test_what_an_artifact_cannot_is_one_line(
    ask, models, monkeypatch, arguments, message
):
    monkeypatch.chdir(models)
    code, out, err = ask(*arguments.split())
    assert (code, out, err.count("\n")) == (1, "", 1)
    assert message in err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("sample vae.digits --count 0", "`count` must be 1 to 100,000. Received: 0"),
        ("sample vae.digits --count -1", "`count` must be 1 to 100,000. Received: -1"),
        ("sample vae.digits --count 100001", "`count` must be 1 to 100,000"),
        ("translate translator.dates x --beam-width 0", "`beam_width` must be 1 to 10"),
        ("translate translator.dates x --beam-width 11", "Received: 11"),
        ("translate translator.dates x --temperature -1", "`temperature` must be 0 or"),
        ("translate translator.dates x --temperature nan", "Received: nan"),
        ("generate char_gru.tiny_shakespeare --temperature nan", "temperature=nan"),
        ("generate char_gru.tiny_shakespeare --temperature inf", "temperature=inf"),
        ("generate char_gru.tiny_shakespeare --length -1", "length=-1"),
        ("generate char_gru.tiny_shakespeare --seed -1", f"0 to {2**63 - 1}. Received"),
        (
            "translate translator.dates x y --seed -1",
            f"`seed` must be 0 to {2**63 - 2}",
        ),
        (f"sample vae.digits --count 2 --seed {2**63 - 1}", f"0 to {2**63 - 2}. Rec"),
        (f"sample vae.digits --seed {2**64}", f"Received: {2**64}"),
    ],
)
def test_numbers_out_of_range_are_one_line(
    ask, tmp_path, monkeypatch, arguments, message
):
    monkeypatch.chdir(tmp_path)
    code, out, err = ask(*arguments.split())
    assert (code, out, err.count("\n")) == (1, "", 1)
    assert message in err
    assert list(tmp_path.iterdir()) == []


def test_an_onnx_file_of_others_is_no_model(ask, tmp_path):
    path = tmp_path / "other.onnx"
    path.write_bytes(b"\x08\x08")
    assert "other.onnx is no model: give a .keras" in ask("evaluate", path)[2]


def test_the_files_of_artifacts_are_those_of_the_engines():
    assert set(FILES) == {engine.artifact for engine in find_engines()}
