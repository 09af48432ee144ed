"""What runs record of the processor."""

from zoo.machines.processor import processor

X86 = "processor\t: 0\nmodel name\t: A Processor\nflags\t\t: fpu avx2 fma avx512f\n"


def test_of_linux(tmp_path, monkeypatch):
    monkeypatch.setenv("ONEDNN_MAX_CPU_ISA", "AVX2")
    monkeypatch.delenv("XLA_FLAGS", raising=False)
    monkeypatch.delenv("TF_ENABLE_ONEDNN_OPTS", raising=False)
    path = tmp_path / "cpuinfo"
    path.write_text(X86)
    assert processor(path) == {
        "model": "A Processor",
        "instruction_sets": ["avx2", "fma", "avx512f"],
        "limits": {"ONEDNN_MAX_CPU_ISA": "AVX2"},
    }
    path.write_text("processor\t: 0\nFeatures\t: fp asimd sve\n")
    assert processor(path)["instruction_sets"] == ["asimd", "sve"]


def test_of_a_system_that_lists_nothing(tmp_path):
    found = processor(tmp_path / "missing")
    assert found["instruction_sets"] == []
    assert isinstance(found["model"], str)
