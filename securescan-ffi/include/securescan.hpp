/* securescan for C++17 and later, header only, over securescan.h: handles that give themselves back, views in, std::string out, results
 * that hold a value or an error. Nothing here throws but result::value() and out of memory. Link libsecurescan. */
#ifndef SECURESCAN_HPP
#define SECURESCAN_HPP

#include "securescan.h"

#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace securescan {

/* What went wrong: a status, its stable code, one line for people, and all of it as JSON. */
class error : public std::runtime_error {
 public:
  error(securescan_status status, std::string code, const std::string &message, std::string json)
      : std::runtime_error(message), status_(status), code_(std::move(code)), json_(std::move(json)) {}
  securescan_status status() const noexcept { return status_; }
  const std::string &code() const noexcept { return code_; }
  const std::string &json() const noexcept { return json_; }

 private:
  securescan_status status_;
  std::string code_, json_;
};

/* A value or an error, as std::expected of C++23. */
template <class T>
class result {
 public:
  result(T value) : held_(std::in_place_index<0>, std::move(value)) {}
  result(securescan::error failure) : held_(std::in_place_index<1>, std::move(failure)) {}
  bool has_value() const noexcept { return held_.index() == 0; }
  explicit operator bool() const noexcept { return has_value(); }
  T &operator*() { return std::get<0>(held_); }
  const T &operator*() const { return std::get<0>(held_); }
  T *operator->() { return &std::get<0>(held_); }
  const T *operator->() const { return &std::get<0>(held_); }
  const securescan::error &failure() const { return std::get<1>(held_); }
  /* The value; throws the error where there is none. */
  T &value() & {
    if (!has_value()) throw failure();
    return **this;
  }
  T value() && {
    if (!has_value()) throw failure();
    return std::move(**this);
  }

 private:
  std::variant<T, securescan::error> held_;
};

namespace detail {

inline securescan_str view(std::string_view text) { return {reinterpret_cast<const uint8_t *>(text.data()), text.size()}; }

inline std::string text(securescan_str view) { return view.len == 0 ? std::string() : std::string(reinterpret_cast<const char *>(view.ptr), view.len); }

/* Takes an error over. */
inline error taken(securescan_status status, securescan_error *owned) {
  if (owned == nullptr) return error(status, "internal", "the library gave no reason", "{}");
  securescan_str code{nullptr, 0}, message{nullptr, 0}, json{nullptr, 0};
  securescan_error_code(owned, &code);
  securescan_error_message(owned, &message);
  securescan_error_json(owned, &json);
  error out(status, text(code), text(message), text(json));
  securescan_error_free(owned);
  return out;
}

/* A buffer of the library as a string; the buffer is given back. */
inline std::string taken(securescan_bytes &bytes) {
  std::string out = text({bytes.ptr, bytes.len});
  securescan_bytes_free(&bytes);
  return out;
}

/* One call that writes a plain value. */
template <class T, class Call>
result<T> plain(Call &&call) {
  T out{};
  securescan_error *failure = nullptr;
  const securescan_status status = call(&out, &failure);
  if (status != SECURESCAN_STATUS_OK) return taken(status, failure);
  return out;
}

/* One call that writes a buffer. */
template <class Call>
result<std::string> buffer(Call &&call) {
  securescan_bytes out{nullptr, 0};
  securescan_error *failure = nullptr;
  const securescan_status status = call(&out, &failure);
  if (status != SECURESCAN_STATUS_OK) return taken(status, failure);
  return taken(out);
}

/* A handle that gives itself back; moves, does not copy. */
template <class Raw, securescan_status (*Free)(Raw *)>
class handle {
 public:
  handle() noexcept = default;
  explicit handle(Raw *raw) noexcept : raw_(raw) {}
  handle(handle &&other) noexcept : raw_(std::exchange(other.raw_, nullptr)) {}
  handle &operator=(handle &&other) noexcept {
    if (this != &other) {
      Free(raw_);
      raw_ = std::exchange(other.raw_, nullptr);
    }
    return *this;
  }
  handle(const handle &) = delete;
  handle &operator=(const handle &) = delete;
  ~handle() { Free(raw_); }
  /* The handle of the C interface; null after a move. */
  Raw *get() const noexcept { return raw_; }

 private:
  Raw *raw_ = nullptr;
};

/* One call that writes a handle. */
template <class Object, class Raw, class Call>
result<Object> object(Call &&call) {
  Raw *out = nullptr;
  securescan_error *failure = nullptr;
  const securescan_status status = call(&out, &failure);
  if (status != SECURESCAN_STATUS_OK) return taken(status, failure);
  return Object(out);
}

}  // namespace detail

using config_handle = detail::handle<securescan_config, securescan_config_free>;
using baseline_handle = detail::handle<securescan_baseline, securescan_baseline_free>;
using cancel_handle = detail::handle<securescan_cancel, securescan_cancel_free>;

class difference;
class baseline;
class config;

/* Findings, held natively; options are JSON objects, as in securescan.h. */
class findings : public detail::handle<securescan_findings, securescan_findings_free> {
 public:
  using handle::handle;
  static result<findings> from_json(std::string_view json) {
    return detail::object<findings, securescan_findings>([&](auto o, auto e) { return securescan_findings_from_json(detail::view(json), o, e); });
  }
  /* Reads the report of any known tool. */
  static result<findings> parse(std::string_view data, std::string_view tool = {}, std::string_view options = {}) {
    return detail::object<findings, securescan_findings>(
        [&](auto o, auto e) { return securescan_parse(detail::view(data), detail::view(tool), detail::view(options), o, e); });
  }
  size_t size() const { return detail::plain<size_t>([&](auto o, auto e) { return securescan_findings_len(get(), o, e); }).value(); }
  bool empty() const { return size() == 0; }
  /* One finding as JSON. */
  result<std::string> at(size_t index) const {
    return detail::buffer([&](auto o, auto e) { return securescan_findings_get(get(), index, o, e); });
  }
  result<findings> filter(std::string_view conditions) const {
    return made([&](auto o, auto e) { return securescan_findings_filter(get(), detail::view(conditions), o, e); });
  }
  result<findings> sort(std::string_view by, bool reverse = false) const {
    return made([&](auto o, auto e) { return securescan_findings_sort(get(), detail::view(by), reverse ? 1 : 0, o, e); });
  }
  result<findings> slice(size_t start, size_t count) const {
    return made([&](auto o, auto e) { return securescan_findings_slice(get(), start, count, o, e); });
  }
  result<findings> concat(const findings &other) const {
    return made([&](auto o, auto e) { return securescan_findings_concat(get(), other.get(), o, e); });
  }
  result<findings> dedup() const {
    return made([&](auto o, auto e) { return securescan_findings_dedup(get(), o, e); });
  }
  /* The whole pipeline. */
  result<findings> process(std::string_view options = {}, const config_handle *config = nullptr, const baseline_handle *baseline = nullptr) const {
    return made([&](auto o, auto e) {
      return securescan_process(get(), detail::view(options), config ? config->get() : nullptr, baseline ? baseline->get() : nullptr, nullptr, o, e);
    });
  }
  result<std::string> render(std::string_view format, std::string_view options = {}) const {
    return detail::buffer([&](auto o, auto e) { return securescan_render(get(), detail::view(format), detail::view(options), o, e); });
  }
  result<std::string> to_json() const {
    return detail::buffer([&](auto o, auto e) { return securescan_findings_to_json(get(), o, e); });
  }
  result<std::string> to_snapshot() const {
    return detail::buffer([&](auto o, auto e) { return securescan_findings_to_snapshot(get(), o, e); });
  }
  result<std::string> summary() const {
    return detail::buffer([&](auto o, auto e) { return securescan_summary(get(), o, e); });
  }
  result<std::string> coverage() const {
    return detail::buffer([&](auto o, auto e) { return securescan_coverage(get(), o, e); });
  }
  double risk_score() const { return detail::plain<double>([&](auto o, auto e) { return securescan_risk_score(get(), o, e); }).value(); }
  friend bool operator==(const findings &a, const findings &b) {
    return detail::plain<int32_t>([&](auto o, auto e) { return securescan_findings_equal(a.get(), b.get(), o, e); }).value() == 1;
  }
  friend bool operator!=(const findings &a, const findings &b) { return !(a == b); }

 private:
  template <class Call>
  static result<findings> made(Call &&call) {
    return detail::object<findings, securescan_findings>(std::forward<Call>(call));
  }
};

/* A configuration. */
class config : public config_handle {
 public:
  using handle::handle;
  static result<config> parse(std::string_view text, std::string_view file = {}) {
    return detail::object<config, securescan_config>(
        [&](auto o, auto e) { return securescan_config_parse(detail::view(text), detail::view(file), o, e); });
  }
  static result<config> load(std::string_view path) {
    return detail::object<config, securescan_config>([&](auto o, auto e) { return securescan_config_load(detail::view(path), o, e); });
  }
  static result<std::string> lint(std::string_view text, std::string_view file = {}) {
    return detail::buffer([&](auto o, auto e) { return securescan_config_lint(detail::view(text), detail::view(file), o, e); });
  }
  result<std::string> to_json() const {
    return detail::buffer([&](auto o, auto e) { return securescan_config_to_json(get(), o, e); });
  }
};

/* The findings a project has decided to live with. */
class baseline : public baseline_handle {
 public:
  using handle::handle;
  static result<baseline> from_findings(const findings &of, std::string_view target_path = ".") {
    return detail::object<baseline, securescan_baseline>(
        [&](auto o, auto e) { return securescan_baseline_from_findings(of.get(), detail::view(target_path), detail::view({}), o, e); });
  }
  static result<baseline> parse(std::string_view data) {
    return detail::object<baseline, securescan_baseline>([&](auto o, auto e) { return securescan_baseline_parse(detail::view(data), o, e); });
  }
  size_t size() const { return detail::plain<size_t>([&](auto o, auto e) { return securescan_baseline_len(get(), o, e); }).value(); }
  result<std::string> to_bytes() const {
    return detail::buffer([&](auto o, auto e) { return securescan_baseline_to_bytes(get(), o, e); });
  }
};

/* What changed between two sides, or since a baseline. */
class difference : public detail::handle<securescan_difference, securescan_difference_free> {
 public:
  using handle::handle;
  result<findings> added() const { return list(securescan_difference_new); }
  result<findings> gone() const { return list(securescan_difference_gone); }
  result<findings> kept() const { return list(securescan_difference_kept); }
  result<findings> not_scanned() const { return list(securescan_difference_not_scanned); }
  result<std::string> render(std::string_view format, std::string_view options = {}) const {
    return detail::buffer([&](auto o, auto e) { return securescan_render_difference(get(), detail::view(format), detail::view(options), o, e); });
  }

 private:
  template <class Part>
  result<findings> list(Part part) const {
    return detail::object<findings, securescan_findings>([&](auto o, auto e) { return part(get(), o, e); });
  }
};

inline result<difference> diff(const findings &base, const findings &head) {
  return detail::object<difference, securescan_difference>([&](auto o, auto e) { return securescan_diff(base.get(), head.get(), o, e); });
}

inline result<difference> compare(const baseline &known, const findings &current) {
  return detail::object<difference, securescan_difference>([&](auto o, auto e) { return securescan_compare(known.get(), current.get(), o, e); });
}

/* Stops scans from another thread. */
class cancel : public cancel_handle {
 public:
  cancel() : handle(made()) {}
  void request() const {
    int32_t before = 0;
    securescan_cancel_request(get(), &before, nullptr);
  }

 private:
  static securescan_cancel *made() {
    securescan_cancel *out = nullptr;
    securescan_error *failure = nullptr;
    const securescan_status status = securescan_cancel_new(&out, &failure);
    if (status != SECURESCAN_STATUS_OK) throw detail::taken(status, failure);
    return out;
  }
};

/* Gets each event as JSON, from the threads of the scan, never twice at once; false stops the scan. An exception stops it, too, and is
 * lost: it cannot cross the library. */
using listener = std::function<bool(std::string_view event)>;

inline result<findings> scan(std::string_view options, const listener &on_event = {}, const cancel *stop = nullptr) {
  struct bridge {
    static int32_t call(void *data, securescan_str event) noexcept {
      try {
        return (*static_cast<const listener *>(data))({reinterpret_cast<const char *>(event.ptr), event.len}) ? 0 : 1;
      } catch (...) {
        return 1;
      }
    }
  };
  void *data = const_cast<void *>(static_cast<const void *>(&on_event));
  return detail::object<findings, securescan_findings>([&](auto o, auto e) {
    return securescan_scan(detail::view(options), nullptr, nullptr, stop ? stop->get() : nullptr, on_event ? bridge::call : nullptr, data, nullptr, o, e);
  });
}

inline result<std::string> call(std::string_view operation, std::string_view request) {
  return detail::buffer([&](auto o, auto e) { return securescan_call(detail::view(operation), detail::view(request), o, e); });
}

inline result<std::string> fingerprint(std::string_view finding, std::string_view scheme = {}) {
  return detail::buffer([&](auto o, auto e) { return securescan_fingerprint(detail::view(finding), detail::view(scheme), o, e); });
}

inline result<std::string> sbom(std::string_view path, std::string_view format = {}, std::string_view options = {}) {
  return detail::buffer([&](auto o, auto e) { return securescan_sbom(detail::view(path), detail::view(format), detail::view(options), o, e); });
}

inline result<std::string> status() { return detail::buffer([](auto o, auto e) { return securescan_status_json(o, e); }); }

inline bool verify_webhook(std::string_view secret, std::string_view header, std::string_view body, uint64_t tolerance = 300, int64_t now = -1) {
  return detail::plain<int32_t>([&](auto o, auto e) {
           return securescan_verify_webhook(detail::view(secret), detail::view(header), detail::view(body), tolerance, now, o, e);
         }).value() == 1;
}

inline std::string version() { return detail::text(securescan_version()); }

/* Whether the loaded library is the one this header was made for. */
inline bool abi_matches() { return securescan_abi_version() == SECURESCAN_ABI_VERSION; }

}  // namespace securescan

#endif
