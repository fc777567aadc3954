#pragma once

#include <string>
#include <vector>

#include "remote/address.hpp"
#include "remote/http_request.hpp"
#include "remote/store.hpp"

namespace mox::remote {

/// A directory on a WebDAV server (RFC 4918), also that of a Nextcloud user.
class WebdavStore final : public Store {
public:
    WebdavStore(const Address& address, HttpAccess access);

    [[nodiscard]] std::string shown() const override { return shown_; }
    [[nodiscard]] Result<std::vector<RemoteFile>> list() override;
    [[nodiscard]] Result<void> make_directory() override;
    [[nodiscard]] Result<void> put(const std::string& name, const ByteSource& source) override;
    [[nodiscard]] Result<void> get(const std::string& name, Bytes from, const ByteSink& sink) override;
    [[nodiscard]] Result<void> rename(const std::string& from, const std::string& to) override;
    [[nodiscard]] Result<void> remove(const std::string& name) override;

private:
    /// Which of the collections the server has, asked once: Nextcloud has moved it.
    [[nodiscard]] Result<std::string> collection();
    [[nodiscard]] Result<std::string> directory_url();
    [[nodiscard]] Result<std::string> url_of(const std::string& name);
    [[nodiscard]] Result<void> simple(const HttpRequest& request, const std::string& what);

    std::string shown_;
    std::string origin_;
    std::string path_;
    std::vector<std::string> collections_;
    bool is_collection_known_ = false;
    HttpClient client_;
};

}  // namespace mox::remote
