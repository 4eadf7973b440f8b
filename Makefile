# fusebench: two commands do everything. `make run` is the main job; `make test` builds and runs all tests.

SWIFT ?= swift
# What a machine needs beside Swift: Debian's package, Fedora's, and a file that both bring. A file without a folder is a
# program, and may stand anywhere in PATH.
NEEDS = \
	libfuse3-dev:fuse3-devel:/usr/include/fuse3/fuse_lowlevel.h \
	liburing-dev:liburing-devel:/usr/include/liburing.h \
	fuse3:fuse3:fusermount3 \
	fio:fio:fio \
	qemu-utils:qemu-img:qemu-img \
	qemu-system-common:qemu-storage-daemon:qemu-storage-daemon \
	jq:jq:jq \
	util-linux:util-linux:setpriv \
	gnuplot-nox:gnuplot-minimal:gnuplot \
	e2fsprogs:e2fsprogs:mkfs.ext4 \
	xfsprogs:xfsprogs:mkfs.xfs \
	btrfs-progs:btrfs-progs:mkfs.btrfs \
	strace:strace:strace
# What only the tests need: readers of what the reports write.
TEST_NEEDS = \
	chromium:chromium:chromium \
	python3-jsonschema:python3-jsonschema:/usr/lib/python3/dist-packages/jsonschema/__init__.py

.PHONY: run test setup build dist lint mutants fuzz sanitize machines flagship

run: build
	.build/release/fusebench

test: NEEDS += $(TEST_NEEDS)
test: setup
	SWIFT=$(SWIFT) Tests/run

build: setup
	$(SWIFT) build -c release --product fusebench

# One archive for machines without Swift (docs/archive.md): the program with Swift's runtime and liburing inside, and what
# it reads. libfuse is found at run time.
dist: setup
	FUSEBENCH_STATIC=1 $(SWIFT) build -c release --product fusebench --static-swift-stdlib --scratch-path .build-dist
	Tests/Machines/pack .build-dist/release/fusebench dist

# Installs what is missing, says what, asks for nothing. Without apt-get it says by file what is missing.
setup:
	@command -v $(SWIFT) >/dev/null || { echo "fusebench needs Swift 6.3 (https://www.swift.org/install/linux/)" >&2; exit 2; }
	@missing=; list=; for need in $(NEEDS); do \
		debian=$${need%%:*}; rest=$${need#*:}; fedora=$${rest%%:*}; file=$${rest#*:}; \
		case $$file in /*) [ -e "$$file" ] && continue;; *) command -v "$$file" >/dev/null && continue;; esac; \
		missing="$$missing $$debian"; \
		list="$$list\n  $$file (Debian: $$debian, Fedora: $$fedora)"; \
	done; \
	[ -n "$$missing" ] || exit 0; \
	if ! command -v apt-get >/dev/null; then \
		printf "fusebench lacks, and there is no apt-get to install it:$$list\n" >&2; exit 2; \
	else \
		echo "installing:$$missing"; \
		sudo=; [ "$$(id -u)" = 0 ] || sudo=sudo; \
		$$sudo apt-get update -q && \
		$$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends $$missing; \
	fi

# Some scenarios under what other machines allow, and all of them in root folders of Debian 12, 13 and sid, with GNU's
# coreutils and uutils', and what `make dist` has packed there (docs/machines.md); C="CONDITION …" runs only those.
CONDITIONS = mounts path bytes umask closed no-io_uring no-ring userns no-root container small-disk full-disk words roots
machines: build
	Tests/Machines/run .build/release/fusebench $(or $(C),$(CONDITIONS) $(if $(wildcard dist/*.tar.gz),archive))

lint:
	$(SWIFT) format lint --strict --recursive Sources Tests Package.swift

# Broken copies of the export, each of which some scenario must catch (docs/mutants.md); M="NAME …" runs only those.
mutants: build
	Tests/Mutants/run $(M)

# Coverage-guided fuzzers of everything that takes bytes from outside; what one finds stays in Tests/Fuzz/Found.
SECONDS ?= 60
fuzz: setup
	Tests/Fuzz/run $(SECONDS)

# The run that is published (docs/performance.md): this export beside QEMU's daemon, an older and a newer one, with all
# references. QEMU_NEW is the path of the newer one.
QEMU_OLD ?= $(shell command -v qemu-storage-daemon)
flagship: build
	@[ -x "$(QEMU_NEW)" ] || { echo "give the newer QEMU: make flagship QEMU_NEW=PATH/qemu-storage-daemon" >&2; exit 2; }
	.build/release/fusebench bench --suite programs --samples 6 --max-samples 6 --cpu-idle held --loop --nbd --no-costs \
		--seed 20261128 --results results/published --subject fusebench --subject qemu-storage-daemon \
		--subject qemu-storage-daemon --program .build/release/fusebench --program $(QEMU_OLD) --program $(QEMU_NEW)

# The export under AddressSanitizer and ThreadSanitizer: its tests, and a scenario of each group in every mode.
sanitize: build
	Tests/Sanitizers/run address
	Tests/Sanitizers/run thread
