#include "panel/server/uploads.hpp"

#include <fcntl.h>

#include <algorithm>
#include <string_view>
#include <system_error>
#include <utility>

#include "base/file.hpp"
#include "panel/server/file_name.hpp"

namespace mox::virtual_mox::panel {

namespace fs = std::filesystem;

namespace {

constexpr auto kind = ErrorKind::internal;
constexpr auto unfinished = "unfinished";

}  // namespace

UnfinishedUpload::~UnfinishedUpload() {
    if (!file_) return;
    std::error_code ignored;  // a destructor cannot report it; the next start removes the file
    fs::remove(path_, ignored);
}

Expected<void> UnfinishedUpload::append(std::span<const char> bytes) {
    size_ += Bytes{bytes.size()};
    return write_all(file_.get(), std::string_view(bytes.data(), bytes.size()), path_.string(), kind);
}

Expected<Uploads> Uploads::in(fs::path folder) {
    std::error_code failed;
    fs::remove_all(folder, failed);
    Uploads uploads(std::move(folder));
    if (!failed) fs::create_directories(uploads.folder(), failed);
    if (!failed) fs::create_directories(uploads.folder_ / unfinished, failed);
    if (failed) return fail_errno(kind, uploads.folder_.string(), failed.value());
    return uploads;
}

Expected<void> Uploads::check(std::string_view name, Bytes size) const {
    std::vector<std::string> names;
    for (const auto& file : files_) names.push_back(file.name);
    return check_stick_file(name, size, names);
}

Expected<UnfinishedUpload> Uploads::begin() {
    auto path = folder_ / unfinished / std::to_string(++begun_);
    auto file = open_file(path, O_WRONLY | O_CREAT | O_TRUNC, kind, 0600);
    if (!file) return pass_on(file);
    return UnfinishedUpload(std::move(*file), std::move(path));
}

Expected<void> Uploads::complete(UnfinishedUpload upload, const std::string& name) {
    std::error_code failed;
    fs::rename(upload.path_, folder() / name, failed);
    if (failed) return fail_errno(kind, name, failed.value());
    upload.file_.reset();
    std::erase_if(files_, [&](const UploadedFile& file) { return file.name == name; });
    files_.push_back({name, upload.size_});
    std::ranges::sort(files_, {}, &UploadedFile::name);
    return {};
}

bool Uploads::remove(const std::string& name) {
    if (std::erase_if(files_, [&](const UploadedFile& file) { return file.name == name; }) == 0) return false;
    std::error_code failed;
    return fs::remove(folder() / name, failed);
}

}  // namespace mox::virtual_mox::panel
