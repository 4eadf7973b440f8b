# fusebench: two commands do everything. `make run` is the main job; `make test` builds and runs all tests.

SWIFT ?= swift
# What a Debian machine needs beside Swift: package and a file that it brings.
NEEDS = \
	libfuse3-dev:/usr/include/fuse3/fuse_lowlevel.h \
	liburing-dev:/usr/include/liburing.h \
	fuse3:/usr/bin/fusermount3 \
	fio:/usr/bin/fio \
	qemu-utils:/usr/bin/qemu-img \
	qemu-system-common:/usr/bin/qemu-storage-daemon \
	jq:/usr/bin/jq \
	util-linux:/usr/bin/setpriv \
	gnuplot-nox:/usr/bin/gnuplot
# What only the tests need: readers of what the reports write.
TEST_NEEDS = \
	chromium:/usr/bin/chromium \
	python3-jsonschema:/usr/lib/python3/dist-packages/jsonschema/__init__.py

.PHONY: run test setup build lint mutants fuzz sanitize

run: build
	.build/release/fusebench

test: NEEDS += $(TEST_NEEDS)
test: setup
	SWIFT=$(SWIFT) Tests/run

build: setup
	$(SWIFT) build -c release --product fusebench

# Installs what is missing, says what, asks for nothing.
setup:
	@command -v $(SWIFT) >/dev/null || { echo "fusebench needs Swift 6.3 (https://www.swift.org/install/linux/)" >&2; exit 2; }
	@missing=; for need in $(NEEDS); do [ -e "$${need#*:}" ] || missing="$$missing $${need%%:*}"; done; \
	if [ -n "$$missing" ]; then \
		echo "installing:$$missing"; \
		sudo=; [ "$$(id -u)" = 0 ] || sudo=sudo; \
		$$sudo apt-get update -q && \
		$$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends $$missing; \
	fi

lint:
	$(SWIFT) format lint --strict --recursive Sources Tests Package.swift

# Broken copies of the export, each of which some scenario must catch (docs/mutants.md); M="NAME …" runs only those.
mutants: build
	Tests/Mutants/run $(M)

# Coverage-guided fuzzers of everything that takes bytes from outside; what one finds stays in Tests/Fuzz/Found.
SECONDS ?= 60
fuzz: setup
	Tests/Fuzz/run $(SECONDS)

# The export under AddressSanitizer and ThreadSanitizer: its tests, and a scenario of each group in every mode.
sanitize: build
	Tests/Sanitizers/run address
	Tests/Sanitizers/run thread
