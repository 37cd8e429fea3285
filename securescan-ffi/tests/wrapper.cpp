// The C++ wrapper: what it gives, what it refuses, that everything is given back. The sample project is the first argument.
#include "securescan.hpp"

#include <cstdio>

static int passed, failed;

static void check(bool holds, const char *what) {
  holds ? passed++ : failed++;
  if (!holds) std::printf("FAILED %s\n", what);
}

static const char *TWO =
    R"([{"scanner":"bandit","scan_type":"code","severity":"high","title":"eval","rule_id":"B307","file_path":"a.py","line":2},)"
    R"({"scanner":"bandit","scan_type":"code","severity":"low","title":"assert","rule_id":"B101","file_path":"b.py","line":5}])";

static void run(const std::string &shop) {
  namespace s = securescan;
  auto two = s::findings::from_json(TWO).value();
  check(two.size() == 2 && !two.empty(), "two findings");
  check(two.at(1)->find("\"assert\"") != std::string::npos, "the second one");
  check(!two.at(2) && two.at(2).failure().code() == "invalid_argument", "no third one");
  check(two.filter(R"({"severity":"low"})")->size() == 1, "one is low");
  check(two.slice(1, 9)->size() == 1 && two.concat(two)->size() == 4 && two.dedup()->size() == 2, "slices and sums");
  auto config = s::config::parse("ignored_rules: [B101]\n").value();
  auto done = two.process({}, &config).value();
  check(done.filter(R"({"suppressed":true})")->size() == 1, "one is suppressed");
  check(s::findings::from_json(done.to_snapshot().value()).value() == done && done != two, "equal when read again");
  auto known = s::baseline::from_findings(done).value();
  check(known.size() == 2 && s::baseline::parse(known.to_bytes().value())->size() == 2, "a baseline");
  auto none = s::findings::from_json("[]").value();
  auto gone = s::compare(known, none).value();
  check(gone.gone()->size() == 2 && gone.added()->empty(), "both have disappeared");
  auto fresh = s::diff(none, done).value();
  check(fresh.added()->size() == 2 && fresh.kept()->empty() && fresh.not_scanned()->empty(), "both are new");
  check(fresh.render("github-pr-comment")->find("securescan:diff") != std::string::npos, "a comment");
  check(done.render("report-pdf")->compare(0, 5, "%PDF-") == 0, "bytes");
  check(done.risk_score() > 0 && done.summary()->find("\"suppressed\":1") != std::string::npos, "numbers");
  try {
    s::config::parse("scan_types: [cod]").value();
    check(false, "a wrong configuration throws");
  } catch (const s::error &e) {
    check(e.code() == "config" && e.status() == SECURESCAN_STATUS_CONFIG && e.json().find("\"line\":1") != std::string::npos, e.what());
  }
  auto moved = std::move(two);
  check(moved.size() == 2 && two.get() == nullptr && !two.to_json(), "moved from is null, and refused");
  moved = s::findings::from_json("[]").value();
  check(moved.empty(), "assigned over");
  int events = 0;
  const std::string options = R"({"target":")" + shop + R"(","scanners":["dockerfile","secrets"],"online":false})";
  auto found = s::scan(options, [&](std::string_view event) { return events += event.find("scan") != std::string_view::npos, true; }).value();
  check(found.size() > 5 && events >= 4, "a scan with its events");
  check(s::scan(options, [](std::string_view) -> bool { throw 1; }).has_value(), "an exception in a listener stops the scan");
  s::cancel stop;
  stop.request();
  check(s::scan(options, {}, &stop).has_value(), "stopped before it began");
  check(!s::scan(R"({"target":"/no/such/place"})"), "no target");
  check(s::fingerprint(R"({"scanner":"bandit"})", "v1")->compare(0, 8, "639637f2") == 0, "identity");
  check(s::call("version", "{}")->find(s::version()) != std::string::npos && s::status().has_value(), "operations by name");
  check(s::sbom(shop)->find("CycloneDX") != std::string::npos, "a bill");
  check(!s::verify_webhook("s", "t=1,v1=0", "{}"), "no signature");
}

int main(int argc, char **argv) {
  check(securescan::abi_matches(), "the library is the one of the header");
  run(argc > 1 ? argv[1] : ".");
  check(securescan_live_handles() == 0, "everything was given back");
  std::printf("c++ wrapper: %d passed, %d failed\n", passed, failed);
  return failed != 0;
}
