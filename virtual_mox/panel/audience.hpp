#pragma once

#include <memory>
#include <string>
#include <vector>

#include "virtual_mox/panel/outbox.hpp"

namespace mox::virtual_mox::panel {

/// All pages that are open now.
class Audience {
public:
    void join(std::shared_ptr<Outbox> page) { pages_.push_back(std::move(page)); }
    void leave(const Outbox* page);

    void tell(std::string text) { tell_all(Outbox::Kind::text, std::move(text)); }
    void show(std::string bytes) { tell_all(Outbox::Kind::binary, std::move(bytes)); }

    [[nodiscard]] bool empty() const { return pages_.empty(); }
    void close_all();

private:
    void tell_all(Outbox::Kind kind, std::string bytes);

    std::vector<std::shared_ptr<Outbox>> pages_;
};

}  // namespace mox::virtual_mox::panel
