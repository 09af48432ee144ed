"""The catalogue holds the cards of the models, and is ignored when out of date."""

import pytest

import zoo
from zoo import catalogue, discovery, registry
from zoo.errors import ArgumentError, UnknownNameError
from zoo.results.cataloguing import make_cards, write_catalogue

REFRESH = "zoo/catalogue.json is out of date; run `python -m zoo.results`."


@pytest.fixture
def elsewhere(tmp_path, monkeypatch):
    """A catalogue to spoil; what was read of the real one is forgotten."""
    path = tmp_path / "catalogue.json"
    path.write_bytes(catalogue.CATALOGUE.read_bytes())
    monkeypatch.setattr(catalogue, "CATALOGUE", path)
    catalogue.cards.cache_clear()
    yield path
    catalogue.cards.cache_clear()


@pytest.fixture(scope="module")
def made():
    return make_cards()


def test_every_model_has_a_card(made):
    assert made.keys() == set(zoo.list_models())
    for name, card in made.items():
        assert card["licence"] != "that of your data", name
        sizes = [layer["parameters"] for layer in card["layers"]]
        assert card["parameters"] == sum(sizes), name
        assert card["flops"] > 0, name
        assert card["name"] == name


def test_it_is_up_to_date(made):
    cards = catalogue.cards()
    assert cards, REFRESH
    assert cards.keys() == made.keys(), REFRESH
    for name, card in made.items():
        assert cards[name] == card, f"{name}: {REFRESH}"


@pytest.mark.parametrize("damage", ["changed model", "merge marks", "missing"])
def test_without_it_the_models_are_asked(elsewhere, monkeypatch, damage):
    expected = zoo.list_models(family="mlp", pretrained=True)
    catalogue.cards.cache_clear()
    if damage == "changed model":
        monkeypatch.setattr(catalogue, "fingerprint", lambda: "another")
    elif damage == "merge marks":
        elsewhere.write_text(f"<<<<<<< HEAD\n{elsewhere.read_text()}")
    else:
        elsewhere.unlink()
    assert catalogue.cards() == {}
    assert zoo.list_models(family="mlp", pretrained=True) == expected
    assert "mlp.iris" in expected


def test_the_fingerprint_follows_the_files(tmp_path, monkeypatch):
    monkeypatch.setattr(catalogue, "MODELS", tmp_path)
    seen = {catalogue.fingerprint()}
    (tmp_path / "one.py").write_text("a = 1\n")
    seen.add(catalogue.fingerprint())
    (tmp_path / "one.py").write_text("a = 2\n")
    seen.add(catalogue.fingerprint())
    (tmp_path / "one.py").rename(tmp_path / "two.py")
    seen.add(catalogue.fingerprint())
    assert len(seen) == 4


def test_writing_makes_it_valid(elsewhere, monkeypatch):
    card = catalogue.cards()["mlp"]
    elsewhere.unlink()
    catalogue.cards.cache_clear()
    monkeypatch.setattr(
        "zoo.results.cataloguing.make_cards", lambda: {"mlp": card, "other": card}
    )
    write_catalogue()
    assert catalogue.cards() == {"mlp": card, "other": card}
    assert len(elsewhere.read_text().splitlines()) == 5


class TestKnownNames:
    """A registry that knows the names of its package imports it for an object alone."""

    @pytest.fixture
    def names(self, monkeypatch):
        names = discovery.Registry(
            "sum", "tests.zoo.missing", "Add it.", known=lambda: ["one", "two"]
        )
        names.add("three", 3, make_cards)
        return names

    def test_no_import_for_names_and_what_users_add(self, names):
        assert names.names() == ["one", "three", "two"]
        assert names.names("t*") == ["three", "two"]
        assert "one" in names
        assert "four" not in names
        assert names.get("three") == 3
        with pytest.raises(UnknownNameError, match=r"'on'. Did you mean one"):
            names.get("on")

    def test_the_package_is_imported_for_its_objects(self, names):
        with pytest.raises(ModuleNotFoundError, match=r"tests\.zoo\.missing"):
            names.get("one")

    def test_users_cannot_take_a_known_name(self, names):
        with pytest.raises(ModuleNotFoundError, match=r"tests\.zoo\.missing"):
            names.add("one", 1, make_cards)


def test_a_name_of_the_catalogue_is_taken():
    with pytest.raises(ArgumentError, match=r"twice \(zoo.models.mlp and zoo\.results"):
        registry.SPECS.add("mlp", zoo.model_spec("mlp"), make_cards)
