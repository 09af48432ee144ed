# `make quickstart` walks the whole road; `make test` proves it, `make test-all` and
# `make soak` at length; `make components` measures the components and writes their page.

PYTHON ?= python3
VENV := .venv/bin
WORKERS := -n auto --dist loadgroup --no-loadscope-reorder
PIP_INSTALL := $(VENV)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt

QUICK := -m "not slow and not soak"

.PHONY: quickstart test test-all soak test-jax test-torch lint components serving-peers \
	install-verified wheel
.DELETE_ON_ERROR:

quickstart: .venv/installed
	@$(VENV)/zoo quickstart

test: .venv/installed-test
	@$(VENV)/python -m pytest $(WORKERS) $(QUICK)

test-all: .venv/installed-test
	@$(VENV)/python -m pytest $(WORKERS) -m "not soak"

soak: .venv/installed-test
	@$(PIP_INSTALL) -e ".[test,soak]"
	@$(VENV)/python -m pytest $(WORKERS) -m soak

# Components and training once more with JAX, in an environment without TensorFlow.
test-jax: .venv-jax/installed
	@$(OTHER_BACKEND) zoo tests/test_gpu_benchmark.py \
		$(patsubst %,tests/zoo/test_%.py,feed jax_training mixed_precision reference training)

# Components once more with PyTorch, whose wheel brings CUDA: 6 GB on disk.
test-torch: .venv-torch/installed
	@$(OTHER_BACKEND)

OTHER_BACKEND = KERAS_BACKEND=$(patsubst test-%,%,$@) .venv$(patsubst test%,%,$@)/bin/python \
	-m pytest $(WORKERS) $(QUICK) --ignore-glob="*/_tensorflow*.py" \
	--ignore=custom_layers/fast --ignore=zoo/training/word2vec custom_layers \
	tests/custom_layers

components: .venv/installed-test
	@$(VENV)/python -m benchmarks.components
	@$(VENV)/python -m tests.custom_layers.catalogue

# The servers that `python -m benchmarks.serving` measures beside ours: 3 GB on disk.
SERVING_PEERS := pytriton mlserver kserve bentoml litserve ray
serving-peers: $(SERVING_PEERS:%=.venv-serving-peers/%/installed)

lint: .venv/installed-dev
	@$(VENV)/ruff check .
	@$(VENV)/ruff format --check .
	@$(VENV)/pyright
	@$(AUDIT)

# Known vulnerabilities of what is pinned, where their database can be reached.
AUDIT = $(VENV)/pip-audit --require-hashes --disable-pip -r hashes.txt \
	--progress-spinner off --timeout 10 > .venv/audit 2>&1 || true; \
	if grep -q "^Found" .venv/audit; then cat .venv/audit; false; \
	elif grep -q "^No known" .venv/audit && ! grep -q "could not be audited" .venv/audit; \
	then echo "pip-audit: no known vulnerabilities"; \
	else echo "pip-audit: skipped, no database of vulnerabilities is at hand"; fi

.venv/installed: pyproject.toml constraints.txt | .venv/bin/pip
	@echo "Installing into .venv (once; a minute or more) ..."
	@$(PIP_INSTALL) -e .
	@touch $@

.venv/installed-test: pyproject.toml constraints.txt | .venv/bin/pip
	@echo "Installing into .venv with the test tools (once; a minute or more) ..."
	@$(PIP_INSTALL) -e ".[test]"
	@touch .venv/installed $@

.venv/installed-dev: pyproject.toml constraints.txt | .venv/bin/pip
	@$(PIP_INSTALL) -e ".[test,dev]"
	@touch .venv/installed .venv/installed-test $@

# Takes only the files whose sha256 is in hashes.txt; slower than the others, and for
# Linux, so nothing else asks for it.
install-verified: hashes.txt | .venv/bin/pip
	@echo "Installing what hashes.txt lists into .venv (once; minutes) ..."
	@$(VENV)/python -m pip install --quiet --disable-pip-version-check \
		--require-hashes -r hashes.txt
	@$(VENV)/python -m pip install --quiet --disable-pip-version-check \
		--no-deps --no-build-isolation -e .
	@touch .venv/installed .venv/installed-test

# The wheel, and beside it what is in an environment that has it (CycloneDX).
wheel: .venv/installed-dev
	@$(VENV)/python -m pip wheel --quiet --disable-pip-version-check --no-deps \
		--no-build-isolation -w dist .
	@$(VENV)/cyclonedx-py environment --pyproject pyproject.toml --of JSON \
		--output-reproducible -o dist/sbom.cdx.json $(VENV)/python
	@ls dist

.venv-jax/installed .venv-torch/installed: .venv-%/installed: pyproject.toml constraints.txt | .venv/bin/pip
	@echo "Installing $* into .venv-$* (once; a minute or more) ..."
	@"$(PYTHON)" -m venv .venv-$*
	@.venv-$*/bin/python -m pip install --quiet --disable-pip-version-check \
		-c constraints.txt $* keras pytest pytest-timeout pytest-xdist scikit-learn \
		click constriction espeakng-loader filelock httpx lazy_loader matplotlib \
		optuna orjson pillow psutil pydantic tensorboard tqdm
	@.venv-$*/bin/python -m pip install --quiet --disable-pip-version-check \
		--no-deps --editable .
	@touch $@

.venv-serving-peers/%/installed: benchmarks/servers/requirements/%.txt | .venv/bin/pip
	@echo "Installing $* into .venv-serving-peers/$* (once; a minute or more) ..."
	@"$(PYTHON)" -m venv .venv-serving-peers/$*
	@.venv-serving-peers/$*/bin/python -m pip install --quiet \
		--disable-pip-version-check -r $<
	@touch $@

# Tells what is missing in one line: make adds a second one after a failed command.
.venv/bin/pip:
	$(if $(filter old missing,$(PROBE)),$(error Python 3.11 or newer is needed, "$(PYTHON)" is $(PROBE): install it (Debian, Ubuntu: apt install python3 python3-venv) or give PYTHON=/path/to/python3.11))
	$(if $(filter no-venv,$(PROBE)),$(error "$(PYTHON) -m venv" does not work: install it (Debian, Ubuntu: apt install python3-venv)))
	@"$(PYTHON)" -m venv .venv

PROBE = $(or $(shell "$(PYTHON)" -c "$(PROBE_CODE)" 2>/dev/null),missing)
PROBE_CODE := import sys; \
	sys.version_info >= (3, 11) or sys.exit(print('old')); \
	import importlib.util as u; \
	print('fine' if u.find_spec('venv') and u.find_spec('ensurepip') else 'no-venv')
