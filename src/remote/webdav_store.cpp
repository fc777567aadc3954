#include "remote/webdav_store.hpp"

#include <optional>
#include <utility>

#include "base/text.hpp"
#include "remote/multistatus.hpp"

namespace mox::remote {

namespace {

constexpr std::string_view wanted_properties =
    R"(<?xml version="1.0" encoding="utf-8"?><propfind xmlns="DAV:"><prop><resourcetype/><getcontentlength/></prop></propfind>)";
constexpr int multistatus = 207;
constexpr int method_not_allowed = 405;
constexpr int range_not_satisfiable = 416;

HttpRequest listing_of(std::string url, int depth) {
    return {.method = "PROPFIND",
            .url = std::move(url),
            .headers = {"Depth: " + std::to_string(depth), "Content-Type: application/xml; charset=utf-8"},
            .body = std::string(wanted_properties)};
}

bool succeeded(int status) {
    return status >= 200 && status < 300;
}

}  // namespace

WebdavStore::WebdavStore(const Address& address, HttpAccess access)
    : shown_(address.shown),
      origin_(address.origin),
      path_(address.path),
      collections_(collections_of(address)),
      client_(std::move(access)) {}

Result<std::string> WebdavStore::collection() {
    while (collections_.size() > 1 && !is_collection_known_) {
        const auto url = origin_ + encoded_path(collections_.front()) + "/";
        const int status = TRY(client_.send(listing_of(url, 0)));
        if (status == multistatus) break;
        if (status != 404 && status != method_not_allowed)
            return std::unexpected(failure_of_status(status, shown_));
        collections_.erase(collections_.begin());
    }
    is_collection_known_ = true;
    return collections_.front();
}

Result<std::string> WebdavStore::directory_url() {
    const auto base = TRY(collection());
    return origin_ + encoded_path(base + path_) + "/";
}

Result<std::string> WebdavStore::url_of(const std::string& name) {
    const auto directory = TRY(directory_url());
    return directory + encoded_path(name);
}

Result<std::vector<RemoteFile>> WebdavStore::list() {
    const auto base = TRY(collection());
    MultistatusReader reader(base + path_);
    std::optional<Error> flaw;
    const ByteSink sink = [&](std::string_view text) -> Expected<void> {
        auto added = reader.add(text);
        if (!added) flaw = added.error();
        return added;
    };
    auto request = listing_of(TRY(directory_url()), 1);
    request.download = &sink;
    auto status = client_.send(request);
    if (flaw) return failed(Cause::wrong_answer, std::move(*flaw).with_context(shown_));
    if (!status) return std::unexpected(std::move(status).error());
    if (succeeded(*status) && *status != multistatus)
        return failed(Cause::wrong_answer,
                      Error(ErrorKind::network, shown_ + " is not a WebDAV directory",
                            {"check the address: a browser's address of the files is another one"}));
    if (*status != multistatus) return std::unexpected(failure_of_status(*status, shown_));
    auto files = reader.finish();
    if (!files) return failed(Cause::wrong_answer, std::move(files).error().with_context(shown_));
    return *std::move(files);
}

Result<void> WebdavStore::simple(const HttpRequest& request, const std::string& what) {
    const int status = TRY(client_.send(request));
    if (!succeeded(status)) return std::unexpected(failure_of_status(status, what));
    return {};
}

Result<void> WebdavStore::make_directory() {
    const auto base = TRY(collection());
    std::string path = base;
    std::string_view rest = path_;
    while (!rest.empty()) {
        const auto component = take_until(rest, '/');
        if (component.empty()) continue;
        path += "/" + std::string(component);
        const auto url = origin_ + encoded_path(path) + "/";
        const int there = TRY(client_.send(listing_of(url, 0)));
        if (there == multistatus) continue;
        if (there != 404) return std::unexpected(failure_of_status(there, shown_));
        const int made = TRY(client_.send({.method = "MKCOL", .url = url}));
        // Another program may have made it meanwhile.
        if (!succeeded(made) && made != method_not_allowed)
            return std::unexpected(failure_of_status(made, shown_));
    }
    return {};
}

Result<void> WebdavStore::put(const std::string& name, const ByteSource& source) {
    // No "Expect: 100-continue": some servers never answer it, and the password is sent at once.
    const auto url = TRY(url_of(name));
    return simple({.method = "PUT",
                   .url = url,
                   .headers = {"Expect:", "Content-Type: application/octet-stream"},
                   .upload = &source},
                  shown_ + "/" + name);
}

Result<void> WebdavStore::get(const std::string& name, Bytes from, const ByteSink& sink) {
    HttpRequest request{.method = "GET", .url = TRY(url_of(name)), .download = &sink, .skip = from};
    if (from.count > 0) request.headers.push_back("Range: bytes=" + std::to_string(from.count) + "-");
    const int status = TRY(client_.send(request));
    if (status == range_not_satisfiable) return {};  // all of it was read before
    if (!succeeded(status)) return std::unexpected(failure_of_status(status, shown_ + "/" + name));
    return {};
}

Result<void> WebdavStore::rename(const std::string& from, const std::string& to) {
    const auto source = TRY(url_of(from));
    const auto destination = TRY(url_of(to));
    return simple(
        {.method = "MOVE", .url = source, .headers = {"Destination: " + destination, "Overwrite: F"}},
        shown_ + "/" + to);
}

Result<void> WebdavStore::remove(const std::string& name) {
    const auto url = TRY(url_of(name));
    auto removed = simple({.method = "DELETE", .url = url}, shown_ + "/" + name);
    if (!removed && removed.error().cause == Cause::missing) return {};
    return removed;
}

}  // namespace mox::remote
