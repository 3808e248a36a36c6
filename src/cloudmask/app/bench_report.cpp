#include "cloudmask/app/bench_report.h"

#include <fmt/format.h>

#include <cmath>

#include "cloudmask/app/describe_bytes.h"

namespace cloudmask {
namespace {

std::string row(const std::string& name, const std::string& value) { return fmt::format("{:<22}{}\n", name, value); }

// Parts of at least half a percent, the others together.
std::string parts_table(const BenchmarkRecord& record) {
  if (record.parts.empty()) return "";
  std::string text =
      fmt::format("\n{:<48}{:>12}{:>8}{:>10}{:>10}\n", "part", "ms a patch", "share", "GFLOP/s", "of peak");
  double total_ms = 0;
  for (const BenchmarkPart& part : record.parts) total_ms += part.ms_per_patch;
  double small_ms = 0;
  const auto line = [&](const BenchmarkPart& part) {
    text += fmt::format("{:<48}{:>12.2f}{:>7.1f}%", part.name, part.ms_per_patch, 100 * part.ms_per_patch / total_ms);
    if (part.gflops > 0) text += fmt::format("{:>10.0f}{:>9.0f}%", part.gflops, 100 * part.gflops / record.peak_gflops);
    text += '\n';
  };
  for (const BenchmarkPart& part : record.parts) {
    if (part.ms_per_patch < 0.005 * total_ms) {
      small_ms += part.ms_per_patch;
    } else {
      line(part);
    }
  }
  line({"smaller parts", small_ms, 0});
  return text;
}

std::string number(double value) { return std::isfinite(value) ? fmt::format("{:.6g}", value) : "null"; }

std::string quoted(const std::string& text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '"' || c == '\\') escaped += '\\';
    if (static_cast<unsigned char>(c) >= ' ') escaped += c;
  }
  return '"' + escaped + '"';
}

std::string as_json(const std::vector<BenchmarkPart>& parts) {
  std::string list;
  for (const BenchmarkPart& part : parts) {
    list += fmt::format("{}{{\"name\": {}, \"ms_per_patch\": {}, \"gflops\": {}}}", list.empty() ? "" : ", ",
                        quoted(part.name), number(part.ms_per_patch), number(part.gflops));
  }
  return '[' + list + ']';
}

}  // namespace

std::string as_text(const BenchmarkRecord& record) {
  std::string text = row("processor", record.machine.cpu) + row("device", record.machine.device) +
                     row("precision", record.machine.precision) + row("kernels", record.machine.kernels) +
                     row("threads", std::to_string(record.machine.threads));
  if (std::isfinite(record.ms_per_patch)) {
    text += row("a patch", fmt::format("{:.1f} ms (batch {}, median of {})", record.ms_per_patch, record.batch_size,
                                       record.repetitions)) +
            row("arithmetic", fmt::format("{:.0f} GFLOP/s, {:.0f} % of the peak of {:.0f} measured here", record.gflops,
                                          100 * record.share_of_peak, record.peak_gflops)) +
            row("", fmt::format("worth {:.0f} GFLOP/s of direct convolution", record.direct_gflops));
  }
  if (std::isfinite(record.s_per_scene)) text += row("a scene", fmt::format("{:.3f} s", record.s_per_scene));
  if (std::isfinite(record.bytes_per_s)) {
    text += row("reading", describe_bytes(record.bytes_per_s) + "/s of the bytes needed, as they are stored") +
            row("pread alone", fmt::format("{}/s; reading is at {:.0f} % of it",
                                           describe_bytes(record.pread_bytes_per_s), 100 * record.share_of_pread));
  }
  if (record.recorded) text += row("steps", "replayed from a CUDA graph");
  if (record.peak_device_memory_bytes > 0) {
    text += row("peak on the device", describe_bytes(static_cast<double>(record.peak_device_memory_bytes)));
  }
  return text + row("peak memory", describe_bytes(static_cast<double>(record.peak_memory_bytes))) + parts_table(record);
}

std::string as_json(const BenchmarkRecord& record) {
  return fmt::format(
      "{{\"ms_per_patch\": {}, \"s_per_scene\": {}, \"batch_size\": {}, \"precision\": {}, \"device\": {}, \"cpu\": "
      "{}, "
      "\"threads\": {}, \"gflops\": {}, \"direct_gflops\": {}, \"peak_gflops\": {}, \"share_of_peak\": {}, "
      "\"bytes_per_s\": {}, "
      "\"pread_bytes_per_s\": {}, \"share_of_pread\": {}, "
      "\"peak_memory_bytes\": {}, \"peak_device_memory_bytes\": {}, \"recorded\": {}, \"kernels\": {}, "
      "\"parts\": {}}}",
      number(record.ms_per_patch), number(record.s_per_scene), record.batch_size, quoted(record.machine.precision),
      quoted(record.machine.device), quoted(record.machine.cpu), record.machine.threads, number(record.gflops),
      number(record.direct_gflops), number(record.peak_gflops), number(record.share_of_peak),
      number(record.bytes_per_s), number(record.pread_bytes_per_s), number(record.share_of_pread),
      record.peak_memory_bytes, record.peak_device_memory_bytes, record.recorded, quoted(record.machine.kernels),
      as_json(record.parts));
}

std::string as_text(const DeviceCheck& check) {
  std::string text = fmt::format("{:<50}{:>12}{:>10}\n", "device beside the CPU in fp32", "apart by", "allowed");
  for (const Agreement& agreement : check.agreements) {
    text += fmt::format("{:<50}{:>12.2g}{:>10.2g}  {}\n", agreement.what, agreement.difference, agreement.allowed,
                        agreement.good() ? "ok" : "TOO FAR");
  }
  const auto yes_or_no = [](bool yes) { return yes ? "yes" : "no"; };
  text += row("steps recorded", yes_or_no(check.recorded)) + row("sums by NCCL", yes_or_no(check.nccl));
  for (const std::string& missing : check.missing) text += row("NOT DONE", missing);
  return text;
}

std::string as_json(const DeviceCheck& check) {
  std::string agreements;
  for (const Agreement& agreement : check.agreements) {
    agreements += fmt::format("{}{{\"what\": {}, \"difference\": {}, \"allowed\": {}, \"good\": {}}}",
                              agreements.empty() ? "" : ", ", quoted(agreement.what), number(agreement.difference),
                              number(agreement.allowed), agreement.good());
  }
  std::string missing;
  for (const std::string& one : check.missing) missing += (missing.empty() ? "" : ", ") + quoted(one);
  return fmt::format("{{\"good\": {}, \"recorded\": {}, \"nccl\": {}, \"missing\": [{}], \"agreements\": [{}]}}",
                     check.good(), check.recorded, check.nccl, missing, agreements);
}

}  // namespace cloudmask
