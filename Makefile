# `make test` is the README's test command and what CI runs; everything else is a shorthand.

SWIFT ?= swift
# --static-swift-stdlib changes how everything is compiled: a build folder of its own keeps both builds incremental.
# SQLite and zlib are linked into it too: the linker finds the archive first in a folder where no shared library lies.
STATIC = --scratch-path .build-release -c release --static-swift-stdlib --product winnow -Xlinker -L$(CURDIR)/.build-release/archives

.PHONY: build test release lint format clean

build:
	$(SWIFT) build -c release --product winnow

# C targets are compiled without optimisation in debug builds, so tests that run a model run in release.
test:
	$(SWIFT) test -c release

# One file to copy anywhere: the Swift runtime, SQLite and the models are inside.
release:
	mkdir -p .build-release/archives
	for name in sqlite3 z; do ln -sf "$$(cc -print-file-name=lib$$name.a)" .build-release/archives/; done
	$(SWIFT) build $(STATIC)
	mkdir -p dist
	cp .build-release/release/winnow dist/winnow
	strip dist/winnow
	@ls -l dist/winnow

lint:
	$(SWIFT) format lint --strict --recursive --parallel Package.swift Sources Tests Examples/support-search Examples/QuickStart Benchmarks

format:
	$(SWIFT) format --in-place --recursive --parallel Package.swift Sources Tests Examples/support-search Examples/QuickStart Benchmarks

clean:
	rm -rf .build .build-release dist
