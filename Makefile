# Two commands: `make run` shows what the product does, `make test` shows that it does it. `make help` lists the rest.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.ONESHELL:
.DEFAULT_GOAL := help

CONFIGURATION ?= Release
SOLUTION := PcapAnalyzer.sln
CLI := src/PcapAnalyzer.Cli
BINARY := artifacts/pcap-analyzer
# What the binary is made of: one that is older than any of these is never installed.
SOURCES := $(shell find src protos docs/*.md *.props *.targets global.json \( -name bin -o -name obj \) -prune -o -type f -print)
SAMPLE := captures/operators/encap_vxlan.pcap
COOKIES := captures/operators/sample-cookies.json
BENCH := artifacts/bench
ATTACKS := syn-flood scan never-acknowledged holes one-byte-segments length-2-63 nested-protobuf open-handshakes fragments late-fragments colliding-keys pcapng-sections pcapng-comments pcapng-lengths zstd-bomb
INPUTS := large small small-10th handshakes handshakes-10th flows-1m flows-10k flows-1k tiny
GENERATOR := $(addprefix tests/PcapAnalyzer.Testing/,CaptureShape.cs CaptureGenerator.cs HandshakeScript.cs TcpTemplate.cs PcapFile.cs)
ATTACK_GENERATOR := tests/PcapAnalyzer.Testing/Attack.cs
FUZZ := artifacts/fuzz
MINUTES ?= 10
CORES ?= 1
TARGETS ?= $(sort $(notdir $(patsubst %/,%,$(wildcard tests/corpus/*/))))
PREFIX ?= /usr/local
TREE = $(DESTDIR)$(PREFIX)
MAN := share/man/man1/pcap-analyzer.1.gz
BASH_COMPLETION := share/bash-completion/completions/pcap-analyzer
ZSH_COMPLETION := share/zsh/site-functions/_pcap-analyzer
FISH_COMPLETION := share/fish/vendor_completions.d/pcap-analyzer.fish
export DOTNET_CLI_TELEMETRY_OPTOUT := 1
export DOTNET_NOLOGO := 1

.PHONY: help run build test format accept pictures record publish install uninstall deb compare-tshark test-rabbitmq test-install bench bench-attacks bench-live bench-layers soak clean deps publish-deps bench-screen fuzz licences audit mutants

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 23

run: deps ## report on a sample capture, with its cookies
	@dotnet run --project $(CLI) -c $(CONFIGURATION) -- report $(SAMPLE) --cookies $(COOKIES)

build: ## compile everything; warnings are errors
	@dotnet build $(SOLUTION) -c $(CONFIGURATION)

test: deps build ## check the format and run every test
	@dotnet format $(SOLUTION) --verify-no-changes --no-restore
	dotnet test --solution $(SOLUTION) -c $(CONFIGURATION) --no-build

format: ## format the sources
	@dotnet format $(SOLUTION)

accept: deps build ## rewrite the expected reports beside the captures; read the diff before you commit it
	@ACCEPT=1 dotnet test --solution $(SOLUTION) -c $(CONFIGURATION) --no-build || true
	git diff --stat -- captures tests

pictures: deps build ## take the pictures of docs/pictures anew: the real screen, in tmux
	$(call need,command -v tmux,tmux)
	@ACCEPT=1 dotnet test --project tests/PcapAnalyzer.Cli.Tests -c $(CONFIGURATION) --no-build --filter-class '*PictureTests'

record: deps build ## record captures/rows anew: every failure row over real sockets (needs tcpdump and the right to capture)
	@RECORD=1 dotnet test --project tests/PcapAnalyzer.Cli.Tests -c $(CONFIGURATION) --no-build

publish: $(BINARY) ## compile the single native file artifacts/pcap-analyzer
	@ls -lh $(BINARY)

$(BINARY): $(SOURCES)
	@$(MAKE) --no-print-directory publish-deps
	dotnet publish $(CLI) -c Release -r $$(dotnet --info | sed -n 's/^ *RID: *//p') -o artifacts/publish
	install -m 755 artifacts/publish/pcap-analyzer $(BINARY)

install: $(BINARY) ## install it with man page and shell completions under PREFIX (/usr/local); DESTDIR goes before
	@install -Dm 755 $(BINARY) "$(TREE)/bin/pcap-analyzer"
	$(BINARY) man | gzip -9n | install -Dm 644 /dev/stdin "$(TREE)/$(MAN)"
	install -Dm 644 packaging/pcap-analyzer.bash "$(TREE)/$(BASH_COMPLETION)"
	install -Dm 644 packaging/pcap-analyzer.zsh "$(TREE)/$(ZSH_COMPLETION)"
	install -Dm 644 packaging/pcap-analyzer.fish "$(TREE)/$(FISH_COMPLETION)"

uninstall: ## remove what make install installed, given the same PREFIX and DESTDIR
	@cd "$(TREE)" && rm -f bin/pcap-analyzer $(MAN) $(BASH_COMPLETION) $(ZSH_COMPLETION) $(FISH_COMPLETION)

deb: $(BINARY) ## build the Debian package artifacts/pcap-analyzer_VERSION_ARCH.deb
	$(call need,command -v dpkg-deb && command -v objdump,dpkg binutils)
	@packaging/deb artifacts

compare-tshark: deps build ## show what tshark's erldp decodes of captures/erlang, and what we do
	$(call need,command -v tshark,tshark)
	$(call need,command -v python3,python3)
	@tests/compare-tshark $(CLI)/bin/$(CONFIGURATION)/net10.0/pcap-analyzer captures/erlang

test-rabbitmq: deps build ## form a real RabbitMQ cluster, plain and with TLS, capture it and check the reports
	$(call need,test -x /usr/lib/rabbitmq/bin/rabbitmq-server,rabbitmq-server)
	$(call need,command -v tcpdump,tcpdump)
	$(call need,command -v jq && command -v openssl,jq openssl)
	@tests/rabbitmq/run $(CLI)/bin/$(CONFIGURATION)/net10.0/pcap-analyzer

bench: publish $(addprefix $(BENCH)/,$(addsuffix .pcap,$(INPUTS)) large.pcap.gz) ## compare the published binary with cat, tcpdump and tshark, and write BENCHMARKS.md (an hour, 4 GB of disk)
	$(call need,command -v tcpdump,tcpdump)
	$(call need,command -v tshark && command -v capinfos,tshark)
	$(call need,command -v python3 && command -v gzip,python3 gzip)
	@tests/bench $(BINARY) $(BENCH) --output BENCHMARKS.md

bench-attacks: publish $(addprefix $(BENCH)/,mixed.pcap handshakes-10th.pcap attack-bomb.pcap.gz $(addprefix attack-,$(addsuffix .pcap,$(ATTACKS)))) ## hold time and memory under attack against their bounds, and add them to BENCHMARKS.md (ten minutes, 8 GB of disk)
	$(call need,command -v python3 && command -v gzip,python3 gzip)
	@tests/bench-attacks $(BINARY) $(BENCH) --output BENCHMARKS.md

bench-live: publish $(BENCH)/mixed.pcap ## compare what report -i, tcpdump and dumpcap drop at rising rates, and add it to BENCHMARKS.md (ten minutes, needs root)
	$(call need,command -v tcpdump,tcpdump)
	$(call need,command -v dumpcap && command -v ip,wireshark-common iproute2)
	$(call need,command -v python3,python3)
	@dotnet build tests/PcapAnalyzer.Benchmarks -c Release -v quiet
	tests/bench-live $(BINARY) $(BENCH)/mixed.pcap "dotnet tests/PcapAnalyzer.Benchmarks/bin/Release/net10.0/PcapAnalyzer.Benchmarks.dll replay" --output BENCHMARKS.md

soak: publish ## watch the memory of report -i while thousands connect a minute (ten minutes, needs the right to capture)
	$(call need,command -v python3,python3)
	@tests/soak $(BINARY)

mutants: deps ## put one fault at a time into the reassembler, framers, digests and judge, and show which test catches it (twenty minutes)
	$(call need,command -v python3,python3)
	@tests/mutants/run

bench-layers: deps ## what each layer costs, by BenchmarkDotNet (four minutes)
	@dotnet run --project tests/PcapAnalyzer.Benchmarks -c Release -- layers --filter '*' --job short --join --artifacts $(BENCH)/layers

bench-screen: deps ## from a key to the drawn screen, with 100,000 handshakes in the list (a minute)
	@dotnet test --project tests/PcapAnalyzer.Tui.Tests -c Release --explicit only --filter-class '*ScreenSpeed' --output Detailed --show-stdout All | grep -E 'median|failed'

fuzz: deps ## fuzz the parsers with AFL++ for MINUTES of CPU, on CORES, perhaps only some TARGETS; adds to tests/fuzz-ledger.md
	$(call need,command -v afl-fuzz && command -v python3,afl++ python3)
	@tests/fuzz build $(FUZZ)
	nice tests/fuzz run $(FUZZ) --minutes $(MINUTES) --cores $(CORES) --targets $(TARGETS)
	tests/fuzz ledger $(FUZZ) --note "make fuzz"
	tests/fuzz findings $(FUZZ)

$(BENCH)/attack-bomb.pcap.gz: ATTACK = bomb.gz
$(BENCH)/attack-%: ATTACK = $(basename $*)
$(BENCH)/attack-%: $(ATTACK_GENERATOR) | deps
	@mkdir -p $(BENCH)
	dotnet run --project tests/PcapAnalyzer.Benchmarks -c Release -- generate $(ATTACK) $@

# One recipe for all, each made anew when the generator changes.
$(BENCH)/%.pcap: $(GENERATOR) | deps
	@mkdir -p $(BENCH)
	dotnet run --project tests/PcapAnalyzer.Benchmarks -c Release -- generate $* $@

%.gz: %
	@gzip --keep --force $<

test-install: $(BINARY) ## check make install, and make deb by installing the package and purging it again (needs root)
	@tests/install

licences: deps ## list every package that a build restores, direct or not, with its licence; fails where one is not allowed
	$(call need,command -v python3,python3)
	@dotnet restore $(SOLUTION) -v quiet
	tests/licences

audit: deps ## look for known vulnerabilities in every package; fails where there is one, or where the registry cannot tell
	@tests/audit

clean: ## remove everything that was built
	@rm -rf artifacts src/*/bin src/*/obj tests/*/bin tests/*/obj

# Installs what is missing where it may, and says what to install where it may not.
define need
	@if ! { $(1); } >/dev/null 2>&1; then
		if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
			echo "installing $(2)" >&2
			apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq $(2) >/dev/null
		else
			echo "missing: $(2). Install it, for example: sudo apt-get install $(2)" >&2
			exit 1
		fi
	fi
endef

deps:
	@command -v dotnet >/dev/null || { echo "missing: the .NET 10 SDK. Install it: https://dotnet.microsoft.com/download/dotnet/10.0" >&2; exit 1; }
	$(call need,/sbin/ldconfig -p | grep 'libpcap\.so' >/dev/null,libpcap0.8)

publish-deps: deps
	$(call need,command -v clang,clang)
	$(call need,test -e /usr/include/zlib.h,zlib1g-dev)
