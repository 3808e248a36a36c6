#include "cloudmask/remote/fetch.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <iostream>

#include "cloudmask/app/arguments.h"
#include "cloudmask/app/command.h"
#include "cloudmask/app/describe_bytes.h"
#include "cloudmask/app/fetch_source.h"
#include "cloudmask/app/json_output.h"
#include "cloudmask/base/clock.h"
#include "cloudmask/base/error.h"
#include "cloudmask/base/files.h"
#include "cloudmask/base/log.h"
#include "cloudmask/remote/credentials.h"
#include "cloudmask/remote/fetch_json.h"
#include "cloudmask/report/progress.h"

namespace cloudmask {
namespace {

std::string describe(std::uint64_t bytes) { return describe_bytes(static_cast<double>(bytes)); }

std::string progress_line(const FetchProgress& progress, double elapsed_s) {
  std::string line = fmt::format("fetching  file {}/{}  {} of {}", progress.files, progress.all_files,
                                 describe(progress.bytes), describe(progress.all_bytes));
  const double bytes_per_s = elapsed_s > 0 ? static_cast<double>(progress.bytes) / elapsed_s : 0;
  if (bytes_per_s <= 0 || progress.bytes > progress.all_bytes) return line;
  const auto left = static_cast<double>(progress.all_bytes - progress.bytes);
  return line + fmt::format("  {}/s  {} left", describe_bytes(bytes_per_s), describe_duration(left / bytes_per_s));
}

void log_failures(const std::string& what, const std::vector<FailedKey>& keys) {
  for (const FailedKey& failed : keys) log_error(fmt::format("{} {}: {}", what, failed.key, failed.reason));
}

/// Says no more than was compared.
std::string describe_proofs(const FetchReport& report) {
  constexpr std::array<const char*, kProofs> kWords = {
      "by MD5", "by the store's checksum", "by the ETag of their parts", "by size only, for the store tells no more"};
  std::string text;
  for (int i = 0; i < kProofs; ++i) {
    if (report.proofs[i] > 0) text += fmt::format("{}{} {}", text.empty() ? "" : ", ", report.proofs[i], kWords[i]);
  }
  return text.empty() ? text : "; verified: " + text;
}

class FetchCommand final : public Command {
 public:
  CLI::App* add_to(CLI::App& program) override {
    CLI::App* command = program.add_subcommand("fetch", "Fetch the benchmark's scenes, or others from an S3 store");
    command->add_option("WHAT", what_, "one-day, ssts, training or inference: the benchmark's; or a PREFIX of keys")
        ->required();
    command->add_option("--to", to_, "Folder of the files; made when missing")->type_name("DIR");
    command->add_option("--endpoint", endpoint_, "Another store than the benchmark's")->type_name("URL");
    command->add_option("--bucket", bucket_, "Another bucket")->type_name("NAME");
    command->add_option("--prefix", folder_, "Stands before WHAT, with a slash")->type_name("P");
    command->add_option("--limit", limit_, "Only the first N files, for a sample")->check(CLI::PositiveNumber);
    command->add_option("--jobs", options_.jobs, "Requests at the same time")
        ->check(CLI::Range(1, 128))
        ->capture_default_str();
    command->add_option("--bandwidth", bandwidth_, "At most so much a second, e.g. 10MB; 0: no limit")
        ->transform(CLI::AsSizeValue(false))
        ->type_name("SIZE");
    command->add_option("--retries", options_.retries, "Tries in a row that may fail, beside the first")
        ->check(CLI::Range(0, 100))
        ->capture_default_str();
    command
        ->add_option("--timeout", options_.http.timeout_s, "Seconds without an answer or progress that are a failure")
        ->check(CLI::Range(1.0, 3600.0))
        ->capture_default_str();
    command->add_flag("--anonymous", anonymous_, "Use no credentials");
    command->add_flag("--list", list_, "Print what would be fetched and its size; fetch nothing");
    json_.add_to(*command);
    arguments_.add_set(*command);
    command->footer(
        "A key's part after the last slash of the prefix is the path below DIR. Files that are there and whole are "
        "not\n"
        "fetched again; after Ctrl-C or a cut the same command goes on where it was. Other stores than the "
        "benchmark's\n"
        "get AWS's usual credentials (environment, ~/.aws) if there are any. docs/fetch.md says what is verified.\n"
        "Examples:\n"
        "  cloudmask fetch one-day --list\n"
        "  cloudmask fetch one-day --to data/one-day --limit 12\n"
        "  cloudmask fetch ssts --to data/ssts --jobs 16 --bandwidth 20MB\n"
        "  cloudmask fetch scenes/2017/ --to data --endpoint https://s3.example.org --bucket mine");
    return command;
  }

  int run(const GlobalOptions& global) override {
    arguments_.load();
    if (to_.empty() && !list_) throw UsageError("fetch takes --to DIR, or --list");
    set_up_store();
    return list_ ? list() : fetch(global);
  }

 private:
  void set_up_store() {
    const FetchSource source = find_fetch_source(what_, endpoint_, bucket_, folder_);
    options_.store = source.store;
    options_.prefix = source.prefix;
    if (limit_ > 0) options_.limit = limit_;
    if (!anonymous_ && !source.is_benchmark) options_.http.credentials = find_credentials();
    options_.http.region = find_region();
    options_.bytes_per_s = static_cast<double>(bandwidth_);
    if (bandwidth_ == 0) return;
    options_.http.small_buffer = true;
    // A share of the limit is no stall.
    options_.http.slowest_bytes_per_s =
        std::min(options_.http.slowest_bytes_per_s, options_.bytes_per_s / options_.jobs / 4);
  }

  int list() {
    const std::filesystem::path to = expand_home(to_);
    std::error_code unreadable;
    const bool absent = to_.empty() || (!std::filesystem::exists(to, unreadable) && !unreadable);
    const auto folder = absent ? nullptr : std::make_unique<TargetFolder>(to);
    const FetchPlan plan = plan_fetch(options_, folder.get());
    require_objects(plan);
    std::string text;
    for (const WantedFile& file : plan.files) {
      text += fmt::format("{:>12}  {}\n", file.object.bytes, file.path.string());
    }
    json_.write(text, fetch_json(options_, plan, nullptr));
    log_info(fmt::format("{} files, {} to fetch; {} are there", plan.files.size(), describe(plan.bytes()),
                         plan.whole.size()));
    log_failures("refused", plan.refused);
    return plan.refused.empty() ? 0 : 1;
  }

  int fetch(const GlobalOptions& global) {
    const std::filesystem::path to = expand_home(to_);
    make_folder(to);
    TargetFolder folder(to);
    const FetchPlan plan = plan_fetch(options_, &folder);
    require_objects(plan);
    Fetch fetch(options_, folder, plan);
    require_space(fetch.missing_bytes(), folder);
    if (!plan.files.empty()) {
      log_info(fmt::format("fetching {} files, {}, into {}; {} are there", plan.files.size(),
                           describe(fetch.missing_bytes()), to.string(), plan.whole.size()));
    }
    const Stopwatch watch;
    Progress progress(std::cerr, progress_style(global.quiet), [watch] { return watch.elapsed_s(); });
    const FetchReport report =
        fetch.run([&](const FetchProgress& now) { progress.show_line(progress_line(now, watch.elapsed_s())); });
    progress.clear();
    log_info(fmt::format("{} files fetched, {} in {}{}; {} were there already", report.fetched,
                         describe(report.received_bytes), describe_duration(report.time_s), describe_proofs(report),
                         plan.whole.size()));
    json_.write("", fetch_json(options_, plan, &report));
    log_failures("refused", plan.refused);
    log_failures("failed", report.failed);
    return plan.refused.empty() && report.failed.empty() ? 0 : 1;
  }

  void require_objects(const FetchPlan& plan) const {
    if (!plan.files.empty() || !plan.whole.empty() || !plan.refused.empty()) return;
    throw Error(fmt::format("{}/{} has no object whose key begins with '{}'; check WHAT and --prefix",
                            options_.store.endpoint, options_.store.bucket, options_.prefix));
  }

  static void require_space(std::uint64_t needed_bytes, const TargetFolder& folder) {
    const std::uint64_t free_bytes = folder.free_bytes();
    if (needed_bytes <= free_bytes) return;
    throw Error(
        fmt::format("{}: {} are to be fetched, {} are free; free space, choose another folder or fetch fewer "
                    "with --limit",
                    folder.path().string(), describe(needed_bytes), describe(free_bytes)));
  }

  ConfigArguments arguments_;
  FetchOptions options_;
  std::string what_;
  std::string to_;
  std::string endpoint_;
  std::string bucket_;
  std::string folder_;
  JsonOutput json_;
  std::size_t limit_ = 0;
  std::uint64_t bandwidth_ = 0;
  bool anonymous_ = false;
  bool list_ = false;
};

}  // namespace

std::unique_ptr<Command> make_fetch_command() { return std::make_unique<FetchCommand>(); }

}  // namespace cloudmask
