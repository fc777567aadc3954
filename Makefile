# Thin: every target is a command or two. The building is in CMake, the rest in scripts/.
# Each target installs the Debian packages that it needs (scripts/setup), as root or through sudo.

FUZZ_SECONDS ?= 60
MINUTES ?= 10
MODE ?= 4
JOBS ?= $(shell nproc)
# Many tests wait most of the time: for time limits, for buttons that are held, for servers that say nothing.
TESTS_AT_ONCE ?= $(shell expr $(JOBS) + 2)
DEMO = build/demo
BOARD = build/board
virtual_mox = scripts/as-root build/release/tools/virtual_mox/virtual-mox --built $(BOARD)
virtual_mox_panel = scripts/as-root build/release/tools/panel/server/virtual-mox-panel --built $(BOARD)
PORT ?= 0

.PHONY: packages test-packages help setup build demo image artefacts board panel test test-pc test-board asan asan-unit soak fuzz lint lint-changes checks clean
.PHONY: kernel programs busybox dropbear btrfs-tools packed-image medkit demo-system virtual-mox machine mox-loaders debian-start
.DEFAULT_GOAL := help

help:
	@echo "make demo                 a rescue on the simulated board, played by itself (needs root or sudo)"
	@echo "make demo INTERACTIVE=1   the same, and you press the button"
	@echo "make demo MODE=2 (or 3)   a broken system comes back from its latest (or factory) snapshot"
	@echo "make board                the same rescue on a whole virtual MOX, from boot loader to login (needs root or sudo)"
	@echo "make panel                the virtual MOX as a page in a browser on this computer; PORT=8080 for a fixed port"
	@echo "make test                 all tests (needs root or sudo)"
	@echo "make test-pc              of these the unit and system tests, without a virtual MOX"
	@echo "make test-board           of these the tests on the virtual MOX"
	@echo "make image                the image for the router's flash: build/board/image.fit.lzma"
	@echo "make machine              QEMU with the machine turris-mox: build/board/qemu-system-aarch64 (qemu/README.md)"
	@echo "make mox-loaders          boot loaders of a MOX for that machine: build/board/mox-loader*.bin"
	@echo "make debian-start         Debian's own arm64 kernel for that machine, for a test: build/board/debian-*"
	@echo "make packages             Debian packages of what is built, in build/packages (docs/packages.md)"
	@echo "make test-packages        install, use, upgrade and purge them in a fresh Debian 12 (needs root or sudo)"
	@echo "make build                everything, in build/dev"
	@echo "make asan                 all tests under AddressSanitizer and UndefinedBehaviorSanitizer"
	@echo "make asan-unit            of these the unit tests"
	@echo "make bench-NAME           the benchmark bench/NAME, e.g. bench-reflash"
	@echo "make soak MINUTES=N       the tests with random inputs (medkits, failing calls, sequences) for N minutes"
	@echo "make fuzz                 every fuzzer for FUZZ_SECONDS=$(FUZZ_SECONDS) seconds"
	@echo "make lint                 clang-format and clang-tidy; LINT_SINCE=COMMIT, LINT_SECONDS=N: docs/development.md"
	@echo "make lint-changes         lint of what differs from the commit in .ci/lint-since"
	@echo "make checks               lint of what has changed lately, asan-unit, and every fuzzer for 10 seconds"
	@echo "make setup                only install the Debian packages for building and testing"
	@echo "make clean                remove build/"

setup:
	@scripts/setup test

build:
	@scripts/setup build
	@scripts/build dev

demo:
	@scripts/setup demo
	@scripts/build release simulated-board medkit
ifeq ($(MODE),4)
	@scripts/demo-medkit build/release/src/cli/medkit $(DEMO)
	@scripts/as-root build/release/tools/simulated_board/simulated-board --medkits $(DEMO)/medkit --keys $(DEMO)/keys \
	    --images $(DEMO) $(if $(filter-out 0,$(INTERACTIVE)),--interactive)
else
	@mkdir -p $(DEMO)
	@scripts/as-root build/release/tools/simulated_board/simulated-board --mode $(MODE) --images $(DEMO) \
	    $(if $(filter-out 0,$(INTERACTIVE)),--interactive)
endif

# The parts of a virtual MOX. Two at a time, because each has its minutes in which it downloads, configures or compresses
# and leaves a processor idle. What they build is in a cache; they have processors of their own to share.
two_at_a_time = +@$(MAKE) --no-print-directory --jobs=2
alone = @env --unset=MAKEFLAGS --unset=MFLAGS

image:
	@scripts/setup image
	$(two_at_a_time) packed-image

artefacts:
	@scripts/setup image
	@scripts/setup board
	$(two_at_a_time) kernel programs packed-image mox-loaders debian-start demo-system machine virtual-mox

kernel programs:
	$(alone) image/build-$@
busybox dropbear btrfs-tools:
	$(alone) image/build-$@ >/dev/null
packed-image: kernel programs busybox dropbear btrfs-tools
	$(alone) image/build-image
medkit:
	$(alone) scripts/build release medkit
demo-system: kernel programs medkit
	$(alone) image/build-demo-system
machine:
	$(alone) scripts/setup machine
	$(alone) image/build-qemu
mox-loaders:
	$(alone) image/build-mox-loaders
debian-start:
	$(alone) image/build-debian-start
virtual-mox: medkit
	$(alone) scripts/build release virtual-mox

board: artefacts
	@$(virtual_mox) play

panel: artefacts
	@scripts/setup panel
	@scripts/build-panel-page
	@scripts/build release virtual-mox-panel
	@echo "== Open this address in a browser on this computer; Ctrl-C ends it"
	@$(virtual_mox_panel) --page build/panel --port $(PORT)

test: artefacts
	@scripts/setup test
	@scripts/setup panel-test
	@scripts/build-panel-page
	@scripts/build release
	@echo "== Running all tests, as root (loop devices, real btrfs, network namespaces, the virtual MOX)"
	@scripts/as-root ctest --test-dir build/release -j$(TESTS_AT_ONCE) --output-on-failure

test-pc:
	@scripts/setup test
	@scripts/build release
	@echo "== Running unit and system tests, as root"
	@scripts/as-root ctest --test-dir build/release -LE 'board|machine' -j$(TESTS_AT_ONCE) --output-on-failure

test-board: artefacts
	@scripts/setup test
	@scripts/setup panel-test
	@scripts/build-panel-page
	@scripts/build release
	@echo "== Running the tests on the virtual MOX, as root"
	@scripts/as-root ctest --test-dir build/release -L 'board|machine' -j$(TESTS_AT_ONCE) --output-on-failure

packages:
	@scripts/setup packages
	@scripts/build release schnapps medkit mox-rescue lease-hook mox-button virtual-mox virtual-mox-panel
	@scripts/build-packages

test-packages: packages
	@scripts/setup test-packages
	@scripts/test-packages

asan:
	@scripts/setup test
	@scripts/build asan
	@echo "== Running all tests under AddressSanitizer and UndefinedBehaviorSanitizer"
	@scripts/as-root ctest --test-dir build/asan -LE 'board|machine' -j$(TESTS_AT_ONCE) --output-on-failure

asan-unit:
	@scripts/setup test
	@scripts/build asan unit-tests
	@echo "== Running the unit tests under AddressSanitizer and UndefinedBehaviorSanitizer"
	@ctest --test-dir build/asan -L unit -LE 'system|board|machine' -E '^Docs[.]' -j$(TESTS_AT_ONCE) --output-on-failure

bench-%:
	@scripts/setup test
	@scripts/setup demo
	@scripts/bench $*

soak:
	@scripts/setup test
	@scripts/build release
	@scripts/as-root scripts/soak $(MINUTES)

fuzz:
	@scripts/setup fuzz
	@scripts/build fuzz
	@scripts/fuzz $(FUZZ_SECONDS)

lint:
	@scripts/setup lint
	@scripts/lint $(JOBS) $(if $(LINT_SINCE),--since $(LINT_SINCE)) $(if $(LINT_SECONDS),--seconds $(LINT_SECONDS))

# A shallow clone may lack that commit: then there is only HEAD to compare with.
lint_since = $(shell git rev-parse --quiet --verify "$$(cat .ci/lint-since)^{commit}" || echo HEAD)
lint-changes:
	@$(MAKE) --no-print-directory lint LINT_SINCE=$(lint_since) LINT_SECONDS=240

# What finds mistakes before a user does, as far as it can be had in a few minutes.
checks:
	@$(MAKE) --no-print-directory lint-changes
	@$(MAKE) --no-print-directory asan-unit
	@$(MAKE) --no-print-directory fuzz FUZZ_SECONDS=10

clean:
	rm -rf build
