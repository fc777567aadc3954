#include "virtual_mox/panel/audience.hpp"

#include <utility>

namespace mox::virtual_mox::panel {

void Audience::leave(const Outbox* page) {
    std::erase_if(pages_, [page](const std::shared_ptr<Outbox>& one) { return one.get() == page; });
}

void Audience::tell_all(Outbox::Kind kind, std::string bytes) {
    const auto shared = std::make_shared<const std::string>(std::move(bytes));
    // A page that is given up by this leaves later, when its connection has ended.
    for (const auto& page : pages_) page->put({kind, shared});
}

void Audience::close_all() {
    for (const auto& page : pages_) page->close();
}

}  // namespace mox::virtual_mox::panel
