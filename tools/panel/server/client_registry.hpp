#pragma once

#include <memory>
#include <string>
#include <vector>

#include "panel/server/send_queue.hpp"

namespace mox::virtual_mox::panel {

/// The pages that are open now.
class ClientRegistry {
public:
    void join(std::shared_ptr<SendQueue> page) { pages_.push_back(std::move(page)); }
    void on_close(const SendQueue* page);

    void tell(std::string text) { tell_all(SendQueue::Kind::text, std::move(text)); }
    void show(std::string bytes) { tell_all(SendQueue::Kind::binary, std::move(bytes)); }

    [[nodiscard]] bool empty() const { return pages_.empty(); }
    void close_all();

private:
    void tell_all(SendQueue::Kind kind, std::string bytes);

    std::vector<std::shared_ptr<SendQueue>> pages_;
};

}  // namespace mox::virtual_mox::panel
