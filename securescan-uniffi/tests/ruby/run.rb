# The generated Ruby binding: operations, misuse, threads, listeners, the guide, and the conformance suite. Plain Ruby, no test library.

require "json"
require "open3"
require "rbconfig"
require "securescan_uniffi"
require "tmpdir"

SS = SecurescanUniffi
E = SS::SecurescanError
ROOT = File.expand_path("../../..", __dir__)
TESTS = {}

def test(name, &body)
  TESTS[name] = body
end

def same(expected, got, why = nil)
  raise "#{why}: expected #{expected.inspect}, got #{got.inspect}" unless expected == got
end

# The error of the class expected; anything else is a failure.
def fails(kind)
  yield
rescue kind => error
  error
else
  raise "nothing was raised, expected #{kind}"
end

def finding(**fields)
  { scanner: "mine", scan_type: "code", severity: "high", title: "t", rule_id: "R1", file_path: "a.py", line: 1 }.merge(fields)
end

def findings(*items)
  SS::Findings.from_json(JSON.generate(items))
end

# A project with something to find.
def shop
  Dir.mktmpdir do |folder|
    File.write("#{folder}/Dockerfile", "FROM scratch\nUSER root\n")
    yield folder
  end
end

def options(folder, **more)
  JSON.generate({ target: folder, scanners: %w[dockerfile secrets], online: false }.merge(more))
end

class Listener < SS::EventListener
  attr_reader :seen, :threads

  def initialize(raises = nil)
    @seen = []
    @threads = []
    @raises = raises
  end

  def on_event(event)
    @seen << JSON.parse(event)["event"]
    @threads |= [Thread.current]
    raise @raises if @raises
  end
end

test "a report is read, chosen from and written" do
  report = { results: [{ test_id: "B307", filename: "/src/a.py", line_number: 3, issue_severity: "HIGH", issue_confidence: "HIGH", issue_text: "eval", test_name: "eval" }], errors: [], metrics: {} }
  found = SS.parse(JSON.generate(report), nil, "/src")
  same [1, false, "a.py"], [found.len, found.is_empty, JSON.parse(found.get(0))["file_path"]]
  same true, found == SS::Findings.from_json(found.to_snapshot)
  same 0, found.filter('{"min_severity":"critical"}').len
  same ["bandit"], found.group_by("scanner").map(&:name)
  same "{", SS.render(found, "sarif")[0]
  same "%PDF-", SS.render(found, "report-pdf")[0, 5]
  same 1, JSON.parse(SS.summary(found))["high"]
  same true, SS.risk_score(found).positive?
end

test "the pipeline, differences, a baseline" do
  given = findings(finding, finding(rule_id: "R2", title: "u"))
  config = SS::Config.parse("ignored_rules: [R2]\n")
  done = SS.process(given, nil, { "a.py" => "x = 1\n" }, config)
  same 1, JSON.parse(done.about)["suppressed"]["config"]
  change = SS.diff(given, findings(finding, finding(rule_id: "R3", title: "v")))
  same [1, 1], [change.added.len, change.kept.len]
  baseline = SS::Baseline.from_findings(given)
  same 2, baseline.len
  same 0, SS.compare(baseline, given).added.len
  same baseline.entries, SS::Baseline.parse(baseline.to_text).entries
  same 64, SS.fingerprint(JSON.generate(finding)).size
  same false, SS.verify_webhook("s", "t=0,v1=00", "{}")
  same "CycloneDX", JSON.parse(SS.sbom("#{ROOT}/examples"))["bomFormat"]
  same SS.version, JSON.parse(SS.build_info)["version"]
end

test "errors have a class, a code and a place" do
  error = fails(E::Parse) { SS::Findings.from_json("[\n{\"scanner\":1}]") }
  same ["parse", 2], [error.code, JSON.parse(error.json)["line"]]
  same true, error.reason.include?(JSON.parse(error.json)["message"])
  fails(E::Limit) { SS.parse(JSON.generate([finding, finding]), nil, nil, nil, 1) }
  fails(E::Config) { SS::Config.parse("a: [\n") }
  fails(E::Baseline) { SS::Baseline.parse("{") }
  fails(E::Io) { SS::Config.load("no/such/file.yml") }
  fails(E::Io) { SS.scan('{"target":"no-such-folder"}') }
  fails(E::InvalidArgument) { findings.get(0) }
  fails(E::InvalidArgument) { SS.call("no-such-operation", "{}") }
  fails(E::InvalidArgument) { SS.render(findings, "no-such-format") }
  fails(E::Parse) { SS::Findings.from_json("[" * 200_000) }
end

test "wrong types are refused before anything is called" do
  fails(TypeError) { SS::Findings.from_json(5) }
  fails(TypeError) { SS.parse(nil) }
  fails(TypeError) { SS.diff(findings, SS::Cancel.new) }
  fails(TypeError) { SS.process(findings, nil, nil, SS::Cancel.new) }
  fails(TypeError) { SS.scan("{}", nil, nil, nil, Object.new) }
  fails(RangeError) { findings.get(-1) }
  fails(EncodingError) { SS::Findings.from_json("\xff") }
  fails(ArgumentError) { SS.scan }
  title = "a\u0000b \u{1f600} \u2028 é"
  same title, JSON.parse(findings(finding(title: title)).get(0))["title"]
end

test "objects are used from many threads" do
  shared = findings(*(1..100).map { |n| finding(line: n) })
  expected = SS.process(shared).findings.to_json
  same [expected] * 4, Array.new(4) { Thread.new { SS.process(shared).findings.to_json } }.map(&:value)
end

test "events come on the caller's thread" do
  shop do |folder|
    listener = Listener.new
    done = SS.scan(options(folder), nil, nil, nil, listener)
    same ["scan.start", "scan.complete", 2], [listener.seen.first, listener.seen.last, listener.seen.count("scanner.complete")]
    same [Thread.current], listener.threads
    same true, done.findings.len.positive?
    same done.findings.to_json, SS.scan(options(folder)).findings.to_json
  end
end

test "a listener that raises stops the scan" do
  shop do |folder|
    [RuntimeError.new("mine"), SS::ListenerError::Stopped.new(reason: "mine")].each do |raises|
      listener = Listener.new(raises)
      error = fails(E::Cancelled) { SS.scan(options(folder), nil, nil, nil, listener) }
      same true, error.reason.include?("mine"), error.reason
      same 1, listener.seen.size
    end
  end
end

test "cancelled before, and by the listener" do
  shop do |folder|
    cancel = SS::Cancel.new
    cancel.cancel
    same true, JSON.parse(SS.scan(options(folder), nil, nil, cancel).about)["cancelled"]
    late = SS::Cancel.new
    listener = Class.new(SS::EventListener) { define_method(:on_event) { |_event| late.cancel } }.new
    done = SS.scan(options(folder), nil, nil, late, listener)
    same [true, true], [JSON.parse(done.about)["cancelled"], late.is_cancelled]
  end
end

test "nothing stays behind" do
  GC.start
  before = SS.live_objects
  500.times { SS.diff(findings(finding), findings).added.to_json }
  GC.start
  # Ruby's collector may keep a few that stand on its stack.
  same true, SS.live_objects - before < 100, SS.live_objects - before
end

test "the guide's Ruby runs as it is printed" do
  snippets = File.read("#{ROOT}/docs/uniffi.md").scan(/```ruby\n(.*?)```/m).flatten
  same true, snippets.any?
  snippets.each do |snippet|
    said, status = Open3.capture2e(RbConfig.ruby, "-W0", "-I", $LOAD_PATH.first, "-e", snippet, chdir: ROOT)
    same true, status.success? && !said.empty?, said
  end
end

# Objects with sorted keys, as the answers have them.
def sorted(value)
  case value
  when Hash then value.sort.to_h { |key, item| [key, sorted(item)] }
  when Array then value.map { |item| sorted(item) }
  else value
  end
end

test "conformance" do
  folder = "#{ROOT}/conformance"
  read = ->(path) { JSON.parse(File.read(path).gsub("$CONFORMANCE") { folder }) }
  pending = read.call("#{folder}/pending.json")
  cases = Dir["#{folder}/*/*.json"].sort.reject { |path| path.include?("/src/") }.map(&read)
  run, skipped = cases.partition { |item| !pending.key?(item["id"]) && !pending.key?(item["op"]) }
  wrong = run.filter_map do |item|
    request = item["request_text"] || JSON.generate(item["request"])
    expected = item["expect"]
    begin
      answer = SS.call(item["op"], request)
      item["id"] if expected.key?("err") || answer != JSON.generate(sorted(expected["ok"]))
    rescue *E.constants.map { |name| E.const_get(name) } => error
      parts = JSON.parse(error.json)
      item["id"] unless expected.key?("err") && expected["err"].all? { |name, value| parts[name] == value }
    end
  end
  same [], wrong
  skipped.each { |item| puts "skipped: #{item["id"]}: #{pending[item["id"]] || pending[item["op"]]}" }
  puts "conformance uniffi-ruby: ran #{run.size} skipped #{skipped.size}"
end

failed = TESTS.count do |name, body|
  body.call
  false
rescue Exception => error # rubocop:disable Lint/RescueException
  warn "FAILED: #{name}: #{error.class}: #{error.message[0, 2000]}\n  #{error.backtrace.first(4).join("\n  ")}"
  true
end
puts "uniffi ruby: #{TESTS.size - failed} passed, #{failed} failed"
exit failed.zero?
