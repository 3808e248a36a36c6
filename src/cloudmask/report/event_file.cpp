#include "cloudmask/report/event_file.h"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <bit>
#include <climits>
#include <cmath>
#include <cstring>
#include <protozero/pbf_writer.hpp>

#include "cloudmask/base/clock.h"
#include "cloudmask/base/files.h"
#include "cloudmask/base/reflected_crc.h"

namespace cloudmask {
namespace {

using protozero::pbf_writer;

// Numbers of the fields, message by message.
namespace event {
constexpr protozero::pbf_tag_type kWallTime = 1, kStep = 2, kFileVersion = 3, kSummary = 5, kSessionLog = 7;
}
namespace session_log {
constexpr protozero::pbf_tag_type kStatus = 1;
constexpr int kStart = 1;
}  // namespace session_log
namespace summary {
constexpr protozero::pbf_tag_type kValue = 1, kTag = 1, kSimpleValue = 2, kImage = 4, kTensor = 8, kMetadata = 9;
}
namespace image_field {
constexpr protozero::pbf_tag_type kHeight = 1, kWidth = 2, kColourSpace = 3, kEncoded = 4;
constexpr int kRgb = 3;
}  // namespace image_field
namespace metadata {
constexpr protozero::pbf_tag_type kPluginData = 1, kPluginName = 1, kContent = 2;
}
namespace tensor {
constexpr protozero::pbf_tag_type kType = 1, kShape = 2, kDim = 2, kSize = 1;
constexpr int kFloat = 1;
}  // namespace tensor
namespace hparams {
constexpr protozero::pbf_tag_type kVersion = 1, kSessionStart = 3, kSessionEnd = 4;
constexpr protozero::pbf_tag_type kParameters = 1, kKey = 1, kMapValue = 2, kStartTime = 5;
constexpr protozero::pbf_tag_type kStatus = 1, kEndTime = 2;
constexpr int kSuccess = 1, kFailure = 2;
constexpr protozero::pbf_tag_type kNumber = 2, kText = 3, kTruth = 4;  // of google.protobuf.Value
}  // namespace hparams

static_assert(std::endian::native == std::endian::little, "TFRecord is little-endian");

// TFRecord stores checksums turned and shifted, since a checksum of data that hold their checksum is weak.
std::uint32_t masked_crc(std::string_view bytes) { return std::rotr(crc32c(bytes), 15) + 0xA282EAD8U; }

template <typename T>
std::string_view bytes_of(const T& number) {
  return {reinterpret_cast<const char*>(&number), sizeof number};
}

double unix_time_s() { return static_cast<double>(unix_time_ms()) / 1000.0; }

std::string host_name() {
  std::array<char, HOST_NAME_MAX + 1> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "localhost";
}

// An event, without what it tells.
std::string event_at(std::int64_t step) {
  std::string bytes;
  pbf_writer writer(bytes);
  writer.add_double(event::kWallTime, unix_time_s());
  writer.add_int64(event::kStep, step);
  return bytes;
}

// An event for TensorBoard's page of hyperparameters: `content` is a HParamsPluginData.
std::string hparams_event(const std::string& tag, const std::string& content) {
  std::string bytes = event_at(0);
  {
    pbf_writer writer(bytes);
    pbf_writer summary(writer, event::kSummary);
    pbf_writer value(summary, summary::kValue);
    value.add_string(summary::kTag, tag);
    {
      pbf_writer metadata(value, summary::kMetadata);
      pbf_writer plugin(metadata, metadata::kPluginData);
      plugin.add_string(metadata::kPluginName, "hparams");
      plugin.add_bytes(metadata::kContent, content);
    }
    pbf_writer tensor(value, summary::kTensor);  // of no numbers: a value must have one
    tensor.add_int32(tensor::kType, tensor::kFloat);
    pbf_writer shape(tensor, tensor::kShape);
    pbf_writer dim(shape, tensor::kDim);
    dim.add_int64(tensor::kSize, 0);
  }  // each writer puts down a length when it goes
  return bytes;
}

// Protobuf's texts are UTF-8, names of files may be anything.
std::string utf8(const std::string& text) { return Json::parse(dump_line(text)).get<std::string>(); }

void add_value(pbf_writer& entry, const Json& json) {
  pbf_writer value(entry, hparams::kMapValue);
  if (json.is_boolean()) {
    value.add_bool(hparams::kTruth, json.get<bool>());
  } else if (json.is_number()) {
    value.add_double(hparams::kNumber, json.get<double>());
  } else {
    value.add_string(hparams::kText, json.is_string() ? utf8(json.get<std::string>()) : dump_line(json));
  }
}

}  // namespace

std::uint32_t crc32c(std::string_view bytes) {
  ReflectedCrc<std::uint32_t, 0x82F63B78> crc;
  crc.add(bytes);
  return crc.value();
}

EventFile::EventFile(const std::filesystem::path& folder) {
  make_folder(folder);
  const std::int64_t now_ms = unix_time_ms();
  file_ = folder /
          fmt::format("events.out.tfevents.{:010}.{:03}.{}.{}", now_ms / 1000, now_ms % 1000, host_name(), ::getpid());
  std::string bytes;
  pbf_writer writer(bytes);
  writer.add_double(event::kWallTime, unix_time_s());
  writer.add_string(event::kFileVersion, "brain.Event:2");
  append(bytes);
}

// Whole or not at all: behind a record that a full disk cut off TensorBoard would find nothing any more.
void EventFile::append(std::string_view event) const {
  const std::uint64_t length = event.size();
  std::string record(bytes_of(length));
  record += bytes_of(masked_crc(bytes_of(length)));
  record += event;
  record += bytes_of(masked_crc(event));
  append_to_file(file_, record);
}

void EventFile::begin_at(std::int64_t step) const {
  std::string bytes = event_at(step);
  {
    pbf_writer writer(bytes);
    pbf_writer log(writer, event::kSessionLog);
    log.add_int32(session_log::kStatus, session_log::kStart);
  }
  append(bytes);
}

void EventFile::add_scalars(std::int64_t step, const std::vector<std::pair<std::string, double>>& values) const {
  std::string bytes = event_at(step);
  {
    pbf_writer writer(bytes);
    pbf_writer summary(writer, event::kSummary);
    for (const auto& [tag, number] : values) {
      if (!std::isfinite(number)) continue;
      pbf_writer value(summary, summary::kValue);
      value.add_string(summary::kTag, tag);
      value.add_float(summary::kSimpleValue, static_cast<float>(number));
    }
  }
  append(bytes);
}

void EventFile::add_image(std::int64_t step, const std::string& tag, const Image& image) const {
  std::string bytes = event_at(step);
  {
    pbf_writer writer(bytes);
    pbf_writer summary(writer, event::kSummary);
    pbf_writer value(summary, summary::kValue);
    value.add_string(summary::kTag, utf8(tag));
    pbf_writer inner(value, summary::kImage);
    inner.add_int32(image_field::kHeight, image.height_px);
    inner.add_int32(image_field::kWidth, image.width_px);
    inner.add_int32(image_field::kColourSpace, image_field::kRgb);
    inner.add_bytes(image_field::kEncoded, encode_png(image));
  }
  append(bytes);
}

void EventFile::add_parameters(const Json& parameters) const {
  std::string content;
  {
    pbf_writer data(content);
    data.add_int32(hparams::kVersion, 0);
    pbf_writer session(data, hparams::kSessionStart);
    for (const auto& [name, json] : parameters.items()) {
      pbf_writer entry(session, hparams::kParameters);
      entry.add_string(hparams::kKey, name);
      add_value(entry, json);
    }
    session.add_double(hparams::kStartTime, unix_time_s());
  }
  append(hparams_event("_hparams_/session_start_info", content));
}

void EventFile::add_end(bool success) const {
  std::string content;
  {
    pbf_writer data(content);
    data.add_int32(hparams::kVersion, 0);
    pbf_writer session(data, hparams::kSessionEnd);
    session.add_enum(hparams::kStatus, success ? hparams::kSuccess : hparams::kFailure);
    session.add_double(hparams::kEndTime, unix_time_s());
  }
  append(hparams_event("_hparams_/session_end_info", content));
}

}  // namespace cloudmask
