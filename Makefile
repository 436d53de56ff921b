# `make run` shows what the product does, `make test` checks it. `make help` lists the other targets.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.ONESHELL:
.DEFAULT_GOAL := help

CONFIGURATION ?= Release
SOLUTION := PcapAnalyzer.sln
CLI := src/PcapAnalyzer.Cli
BINARY := artifacts/pcap-analyzer
# The binary is compiled again before it is installed when one of these is newer.
SOURCES := $(shell find src protos docs/*.md *.props *.targets global.json \( -name bin -o -name obj \) -prune -o -type f -print)
SAMPLE := captures/operators/encap_vxlan.pcap
COOKIES := captures/operators/sample-cookies.json
BENCH := artifacts/bench
ATTACKS := syn-flood scan never-acknowledged holes one-byte-segments length-2-63 nested-protobuf open-handshakes half-open-names fragments late-fragments colliding-keys pcapng-sections pcapng-comments pcapng-lengths zstd-bomb
INPUTS := large small small-10th handshakes handshakes-10th flows-1m flows-10k flows-1k tiny bulk-session bulk-settled open-sessions
# As running.c takes them: megabytes, payload, flows, SYN seen, data both ways.
RUNNING := $(foreach flows,1000 50000,$(foreach syn,0 1,$(foreach both,0 1,running-300-200-$(flows)-$(syn)-$(both))))
GENERATOR := $(addprefix tests/PcapAnalyzer.Testing/,CaptureShape.cs CaptureGenerator.cs HandshakeScript.cs SessionCaptures.cs TcpTemplate.cs PcapFile.cs)
ATTACK_GENERATOR := tests/PcapAnalyzer.Testing/Attack.cs
FUZZ := artifacts/fuzz
MINUTES ?= 10
CORES ?= 1
TARGETS ?= $(sort $(notdir $(patsubst %/,%,$(wildcard tests/corpus/*/))))
# The programs that tests run, each with its Debian package.
TEST_TOOLS := tcpdump:tcpdump tmux:tmux groff:groff-base mandoc:mandoc fish:fish zstd:zstd ip:iproute2 ethtool:ethtool setpriv:util-linux script:bsdutils
ALL_TEST_TOOLS := $(TEST_TOOLS) tshark:tshark erl:erlang-base iptables:iptables
PREFIX ?= /usr/local
TREE = $(DESTDIR)$(PREFIX)
MAN := share/man/man1/pcap-analyzer.1.gz
BASH_COMPLETION := share/bash-completion/completions/pcap-analyzer
ZSH_COMPLETION := share/zsh/site-functions/_pcap-analyzer
FISH_COMPLETION := share/fish/vendor_completions.d/pcap-analyzer.fish
export DOTNET_CLI_TELEMETRY_OPTOUT := 1
export DOTNET_NOLOGO := 1

.PHONY: help run build test test-all test-tools format accept pictures record publish install uninstall deb compare-tshark test-rabbitmq test-install bench bench-attacks bench-live bench-layers soak clean deps publish-deps bench-screen fuzz licences audit mutants

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 23

run: deps ## report on a sample capture and its cookies
	@dotnet run --project $(CLI) -c $(CONFIGURATION) -- report $(SAMPLE) --cookies $(COOKIES)

build: ## compile everything; warnings are errors
	@dotnet build $(SOLUTION) -c $(CONFIGURATION)

test: deps build ## run the quick tests and check the white space (under four minutes on two cores)
	$(call tools,$(TEST_TOOLS))
	@dotnet format whitespace . --folder --verify-no-changes --exclude artifacts
	dotnet test --solution $(SOLUTION) -c $(CONFIGURATION) --no-build --filter-not-trait Only=test-all

test-all: deps build ## run every test and check the whole format; needs tshark and Erlang
	$(call tools,$(ALL_TEST_TOOLS))
	@dotnet format $(SOLUTION) --verify-no-changes --no-restore
	dotnet test --solution $(SOLUTION) -c $(CONFIGURATION) --no-build

format: ## format the sources
	@dotnet format $(SOLUTION)

accept: deps build ## rewrite the expected output of tests; read the diff before you commit it
	@ACCEPT=1 dotnet test --solution $(SOLUTION) -c $(CONFIGURATION) --no-build || true
	git diff --stat -- captures tests docs

pictures: deps build ## redraw docs/pictures from the real screen, in tmux
	$(call need,command -v tmux,tmux)
	@ACCEPT=1 dotnet test --project tests/PcapAnalyzer.Cli.Tests -c $(CONFIGURATION) --no-build --filter-class '*PictureTests'

record: deps build ## record captures/rows again: every failure row over real sockets (needs tcpdump and the right to capture)
	@RECORD=1 dotnet test --project tests/PcapAnalyzer.Cli.Tests -c $(CONFIGURATION) --no-build

publish: $(BINARY) ## compile the native program, artifacts/pcap-analyzer
	@ls -lh $(BINARY)

$(BINARY): $(SOURCES)
	@$(MAKE) --no-print-directory publish-deps
	dotnet publish $(CLI) -c Release -r $$(dotnet --info | sed -n 's/^ *RID: *//p') -o artifacts/publish
	install -m 755 artifacts/publish/pcap-analyzer $(BINARY)

install: $(BINARY) ## install the program, man page and shell completions under DESTDIR + PREFIX (/usr/local)
	@install -Dm 755 $(BINARY) "$(TREE)/bin/pcap-analyzer"
	$(BINARY) man | gzip -9n | install -Dm 644 /dev/stdin "$(TREE)/$(MAN)"
	install -Dm 644 packaging/pcap-analyzer.bash "$(TREE)/$(BASH_COMPLETION)"
	install -Dm 644 packaging/pcap-analyzer.zsh "$(TREE)/$(ZSH_COMPLETION)"
	install -Dm 644 packaging/pcap-analyzer.fish "$(TREE)/$(FISH_COMPLETION)"

uninstall: ## remove what make install installed; takes the same PREFIX and DESTDIR
	@cd "$(TREE)" && rm -f bin/pcap-analyzer $(MAN) $(BASH_COMPLETION) $(ZSH_COMPLETION) $(FISH_COMPLETION)

deb: $(BINARY) ## build the Debian package artifacts/pcap-analyzer_VERSION_ARCH.deb
	$(call need,command -v dpkg-deb && command -v objdump,dpkg binutils)
	@packaging/deb artifacts

compare-tshark: deps build ## show what tshark's erldp and this program decode of captures/erlang and captures/erlang-sessions
	$(call need,command -v tshark,tshark)
	$(call need,command -v python3,python3)
	@tests/compare-tshark $(CLI)/bin/$(CONFIGURATION)/net10.0/pcap-analyzer captures/erlang captures/erlang-sessions

test-rabbitmq: deps build ## capture a real RabbitMQ cluster, plain, parted and with TLS, and check the reports (needs root)
	$(call need,test -x /usr/lib/rabbitmq/bin/rabbitmq-server,rabbitmq-server)
	$(call need,command -v tcpdump,tcpdump)
	$(call need,command -v jq && command -v openssl,jq openssl)
	$(call need,command -v iptables && command -v ip,iptables iproute2)
	@tests/rabbitmq/run $(CLI)/bin/$(CONFIGURATION)/net10.0/pcap-analyzer

bench: publish $(BENCH)/walk $(addprefix $(BENCH)/,$(addsuffix .pcap,$(INPUTS) $(RUNNING)) large.pcap.gz) ## compare the published program with cat, tcpdump and tshark; write BENCHMARKS.md (an hour, 7 GB of disk)
	$(call need,command -v tcpdump,tcpdump)
	$(call need,command -v tshark && command -v capinfos,tshark)
	$(call need,command -v python3 && command -v gzip,python3 gzip)
	@tests/bench $(BINARY) $(BENCH) --output BENCHMARKS.md

bench-attacks: publish $(addprefix $(BENCH)/,mixed.pcap handshakes-10th.pcap attack-bomb.pcap.gz $(addprefix attack-,$(addsuffix .pcap,$(ATTACKS)))) ## check time and memory under attack against their bounds; add them to BENCHMARKS.md (ten minutes, 8 GB of disk)
	$(call need,command -v python3 && command -v gzip,python3 gzip)
	@tests/bench-attacks $(BINARY) $(BENCH) --output BENCHMARKS.md

bench-live: publish $(BENCH)/mixed.pcap ## compare the packets that report -i, tcpdump and dumpcap drop; add them to BENCHMARKS.md (ten minutes, needs root)
	$(call need,command -v tcpdump,tcpdump)
	$(call need,command -v dumpcap && command -v ip,wireshark-common iproute2)
	$(call need,command -v python3,python3)
	@dotnet build tests/PcapAnalyzer.Benchmarks -c Release -v quiet
	tests/bench-live $(BINARY) $(BENCH)/mixed.pcap "dotnet tests/PcapAnalyzer.Benchmarks/bin/Release/net10.0/PcapAnalyzer.Benchmarks.dll replay" --output BENCHMARKS.md

soak: publish ## watch the memory of report -i under thousands of connections a minute (ten minutes, needs the right to capture)
	$(call need,command -v python3,python3)
	@tests/soak $(BINARY)

mutants: deps ## make one fault at a time in the sources, and show which test catches it (twenty minutes)
	$(call need,command -v python3,python3)
	@tests/mutants/run

bench-layers: deps ## measure each layer with BenchmarkDotNet (four minutes)
	@dotnet run --project tests/PcapAnalyzer.Benchmarks -c Release -- layers --filter '*' --job short --join --artifacts $(BENCH)/layers

bench-screen: deps ## measure the time from a key to the drawn screen, with 100,000 handshakes (a minute)
	@dotnet test --project tests/PcapAnalyzer.Tui.Tests -c Release --explicit only --filter-class '*ScreenSpeed' --output Detailed --show-stdout All | grep -E 'median|failed'

fuzz: deps ## fuzz the parsers with AFL++ for MINUTES of CPU time on CORES, all or some TARGETS; adds to tests/fuzz-ledger.md
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

# The C programs of the benchmarks: the floor, and captures of running systems.
$(BENCH)/walk $(BENCH)/running: $(BENCH)/%: tests/PcapAnalyzer.Benchmarks/%.c
	$(call need,command -v cc,gcc libc6-dev)
	@mkdir -p $(BENCH)
	cc -O2 -o $@ $<

$(BENCH)/running-%.pcap: $(BENCH)/running
	@$(BENCH)/running $@.part $(subst -, ,$*)
	mv $@.part $@

# Captures for benchmarks. Each is made again when the generator changes.
$(BENCH)/%.pcap: $(GENERATOR) | deps
	@mkdir -p $(BENCH)
	dotnet run --project tests/PcapAnalyzer.Benchmarks -c Release -- generate $* $@

%.gz: %
	@gzip --keep --force $<

test-install: $(BINARY) ## check make install, and make deb by installing and purging the package (needs root)
	@tests/install

licences: deps ## list each package of a build, direct or not, with its licence; fails when one is not allowed
	$(call need,command -v python3,python3)
	@dotnet restore $(SOLUTION) -v quiet
	tests/licences

audit: deps ## look for known vulnerabilities in each package; fails when there is one, or when the registry cannot tell
	@tests/audit

clean: ## remove everything that was built
	@rm -rf artifacts src/*/bin src/*/obj tests/*/bin tests/*/obj

# Installs the programs that tests run, as root with apt-get; else says which tests will be skipped. With CI=true those fail.
define tools
	@missing=""
	for tool in $(1); do
		PATH=$$PATH:/usr/sbin:/sbin command -v "$${tool%%:*}" >/dev/null || missing+=" $${tool##*:}"
	done
	if [ -n "$$missing" ] && [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
		echo "installing$$missing" >&2
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq $$missing >/dev/null && missing=""
	fi
	[ -z "$$missing" ] || echo "missing:$$missing. Tests that need them are skipped. Install them, for example: sudo apt-get install$$missing" >&2
endef

# Installs what a target cannot do without, as root with apt-get; else says what to install, and ends.
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
