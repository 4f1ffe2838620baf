# `make test` is the README's test command and what CI runs; everything else is a shorthand.

SWIFT ?= swift
.PHONY: build test release dist lint format clean

build:
	$(SWIFT) build -c release --product winnow

# C targets are compiled without optimisation in debug builds, so tests that run a model run in release.
test:
	$(SWIFT) test -c release

# One file to copy anywhere: the Swift runtime, SQLite and the models are inside.
release: build dist

# The same of what was compiled last, for a program or for the tests.
dist:
	Scripts/link-static dist/winnow
	strip dist/winnow
	@ls -l dist/winnow

lint:
	$(SWIFT) format lint --strict --recursive --parallel Package.swift Sources Tests Examples/support-search Examples/QuickStart Benchmarks

format:
	$(SWIFT) format --in-place --recursive --parallel Package.swift Sources Tests Examples/support-search Examples/QuickStart Benchmarks

clean:
	rm -rf .build .build-example dist
