#include "remote/open_store.hpp"

#include "remote/directory_store.hpp"
#include "remote/sftp_store.hpp"
#include "remote/webdav_store.hpp"

namespace mox::remote {

std::unique_ptr<Store> open_store(const Address& address, const AccessFiles& files) {
    switch (address.transport) {
        case Transport::webdav:
        case Transport::nextcloud:
            return std::make_unique<WebdavStore>(address, HttpAccess{.user = address.user,
                                                                     .password = address.password,
                                                                     .authorities = files.authorities});
        case Transport::sftp:
            return std::make_unique<SftpStore>(address, SshAccess{.configuration = files.ssh_configuration});
        case Transport::directory:
            break;
    }
    return std::make_unique<DirectoryStore>(address.path, address.shown);
}

}  // namespace mox::remote
