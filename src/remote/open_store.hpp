#pragma once

#include <filesystem>
#include <memory>

#include "remote/address.hpp"
#include "remote/store.hpp"

namespace mox::remote {

/// Files that a transport needs besides the address; empty: the usual ones.
struct AccessFiles {
    std::filesystem::path authorities;        ///< HttpAccess::authorities
    std::filesystem::path ssh_configuration;  ///< SshAccess::configuration
};

/// The store of an address. Nothing is sent yet.
[[nodiscard]] std::unique_ptr<Store> open_store(const Address& address, const AccessFiles& files);

}  // namespace mox::remote
