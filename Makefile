# What people do here; `make` alone lists it.

.DEFAULT_GOAL := help
.PHONY: help run build test check fmt docs bench fuzz reproducible tools toolchain dashboard dashboard-test

# The dashboard's steps apply once it is there.
ifneq ($(wildcard dashboard/package.json),)
DASHBOARD := dashboard
endif
NODE_MODULES := dashboard/node_modules/.package-lock.json

WASM := --target wasm32-wasip1
FUZZ_SECONDS ?= 60

help: ## list these
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(firstword $(MAKEFILE_LIST)) | while IFS="$$(printf '\t')" read -r name what; do printf '  make %-12s %s\n' "$$name" "$$what"; done

run: build ## build for release and serve, with everything kept in ./data
	PICLOUD_DATA="$${PICLOUD_DATA:-./data}" target/release/picloud serve

build: toolchain $(DASHBOARD) ## the one binary: target/release/picloud
	BUILD_COMMIT="$$(git describe --always --dirty --abbrev=40 --exclude='*' 2>/dev/null)" cargo build --release --bin picloud

test: tools check ## everything CI checks, on SQLite and PostgreSQL; installs what it needs
	cargo test
ifdef DASHBOARD
	$(MAKE) dashboard-test
endif

check: toolchain $(DASHBOARD) ## formatting and lints, the guest for its own target too
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- -D warnings
	cargo clippy -p picloud-guest $(WASM) --features compiler -- -D warnings
	cargo clippy -p picloud-guest $(WASM) --features runner -- -D warnings
ifdef DASHBOARD
	npm --prefix dashboard run check
endif

fmt: toolchain ## put everything into the one format
	cargo fmt --all
ifdef DASHBOARD
	npm --prefix dashboard run format
endif

docs: toolchain $(if $(DASHBOARD),$(NODE_MODULES)) ## write what is generated: tables of the documentation, sdk/api, the dashboard's types of the API
	UPDATE=1 cargo test --test it generated
ifdef DASHBOARD
	npm --prefix dashboard run api
	cd dashboard && npx prettier --write src/lib/api/schema.ts
endif

bench: build ## the table of docs/performance.md, measured on this machine
	cargo build --release --bin picloud-bench
	target/release/picloud-bench
ifdef DASHBOARD
	npm --prefix dashboard run rhai
	npm --prefix dashboard run bench
endif

# Without a sanitizer the pinned toolchain will do: what is fuzzed is safe Rust, and wasmtime is fuzzed by its makers.
fuzz: toolchain ## every target of fuzz/ for a minute each (FUZZ_SECONDS=n for another time)
	command -v cargo-fuzz >/dev/null || cargo install --locked cargo-fuzz
	cd fuzz && for target in $$(cargo fuzz list); do \
		mkdir -p "target/corpus/$$target"; \
		cargo fuzz run --sanitizer none "$$target" "target/corpus/$$target" "corpus/$$target" -- \
			-max_total_time=$(FUZZ_SECONDS) -timeout=10 -malloc_limit_mb=256 || exit 1; \
	done

reproducible: toolchain ## build the guests here and from nothing elsewhere: the bytes must be the same
	bash .ci/reproducible

# What a build needs: what rust-toolchain.toml names, also where rustup does not install by itself, and what is only looked for.
toolchain:
	@bash .ci/tools --say cc $(if $(DASHBOARD),node)
	@bash .ci/toolchain

tools:
	bash .ci/tools cc curl $(if $(DASHBOARD),node chromium) postgres

# Built only when something of it changed: the binary is built anew after it.
DASHBOARD_PARTS := dashboard/src dashboard/static dashboard/scripts dashboard/*.js dashboard/*.ts dashboard/*.json sdk/api/script.json

dashboard: toolchain $(NODE_MODULES)
	@if [ ! -e dashboard/build/index.html ] || [ -n "$$(find $(DASHBOARD_PARTS) -newer dashboard/build/index.html -print -quit)" ]; then \
		npm --prefix dashboard run build; \
	fi

$(NODE_MODULES): dashboard/package-lock.json dashboard/package.json | toolchain
	npm --prefix dashboard ci --no-audit --no-fund
	@touch $@

dashboard-test: toolchain dashboard
	npm --prefix dashboard run rhai
	cargo build
	PICLOUD="$${CARGO_TARGET_DIR:-$(CURDIR)/target}/debug/picloud" npm --prefix dashboard run test
	npm --prefix dashboard run e2e
