#include "panel/server/client_registry.hpp"

#include <utility>

namespace mox::virtual_mox::panel {

void ClientRegistry::on_close(const SendQueue* page) {
    std::erase_if(pages_, [page](const std::shared_ptr<SendQueue>& one) { return one.get() == page; });
}

void ClientRegistry::tell_all(SendQueue::Kind kind, std::string bytes) {
    const auto shared = std::make_shared<const std::string>(std::move(bytes));
    // A page whose queue this closes is removed later, when its connection has ended.
    for (const auto& page : pages_) page->put({kind, shared});
}

void ClientRegistry::close_all() {
    for (const auto& page : pages_) page->close();
}

}  // namespace mox::virtual_mox::panel
