# Each target is a line or two; the scripts install what they need.
SHELL := /bin/bash
export PATH := $(CURDIR)/node_modules/.bin:$(PATH)
modules := node_modules/.package-lock.json

.PHONY: help demo test check bench up down status deploy images install generate
help: ## list the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## */  make \1\t/' | expand -t 20

# The machine's own npm installs Node 24, which then runs everything. The lock file names optional packages of other
# platforms too: `npm ci` fails where one of them is not available, and the second command then installs the same
# versions without it.
$(modules): package-lock.json package.json
	@npm ci --no-fund --no-audit --loglevel=silent || npm install --no-save --no-fund --no-audit --loglevel=error
	@touch $@

up: $(modules) ## start the local cluster: a real Kubernetes of four machines
	@node local/cli.ts up
down: $(modules) ## stop it, leaving nothing outside this folder
	@node local/cli.ts down
status: $(modules) ## show what is running
	@node local/cli.ts status
deploy: $(modules) ## build what changed and install Pinion on the local cluster
	@node dev/cluster/deploy.ts
demo: $(modules) ## start the local cluster, install five plugins, create two tenants
	@node dev/demo/main.ts
test: $(modules) ## set up what is needed and run check and all tests
	@node test/run.ts
check: $(modules) ## check types, lint, dead code, walls between rooms and lengths
	@npm run --silent check
bench: $(modules) ## measure against empty Jobs, on the local cluster, into docs/benchmarks.md (an hour)
	@node bench/main.ts --write
generate: $(modules) ## write the CRDs from the schemas
	@npm run --silent generate
images: $(modules) ## build and push the images: REGISTRY=host/path [TAG=] [BASE=] [GO=]
	@node images/main.ts --registry='$(REGISTRY)' --tag='$(TAG)' --base='$(BASE)' --go='$(GO)'
install: $(modules) ## apply deploy/ to the cluster of KUBECONFIG
	@node deploy/install.ts
