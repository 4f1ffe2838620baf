# `make test` is the README's test command and what CI runs; everything else is a shorthand.

SWIFT ?= swift
# --static-swift-stdlib changes how everything is compiled: a build folder of its own keeps both builds incremental.
STATIC = --scratch-path .build-release -c release --static-swift-stdlib --product winnow

.PHONY: build test release lint format clean

build:
	$(SWIFT) build -c release --product winnow

# C targets are compiled without optimisation in debug builds, so tests that run a model run in release.
test:
	$(SWIFT) test -c release

# One file to copy anywhere: the Swift runtime and the models are inside.
release:
	$(SWIFT) build $(STATIC)
	mkdir -p dist
	cp .build-release/release/winnow dist/winnow
	strip dist/winnow
	@ls -l dist/winnow

lint:
	$(SWIFT) format lint --strict --recursive --parallel Package.swift Sources Tests Examples/support-kb/Sources

format:
	$(SWIFT) format --in-place --recursive --parallel Package.swift Sources Tests Examples/support-kb/Sources

clean:
	rm -rf .build .build-release dist
