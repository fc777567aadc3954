#include "virtual_mox/medium.hpp"

namespace mox::virtual_mox {

namespace {

using nlohmann::json;

constexpr std::uint64_t sector_size = 512;

std::string_view request_type(MediumFault::When when) {
    switch (when) {
        case MediumFault::When::read:
            return "read";
        case MediumFault::When::write:
            return "write";
        case MediumFault::When::flush:
            break;
    }
    return "flush";
}

json file_layer(std::string_view name, const std::filesystem::path& path) {
    json layer;
    layer["driver"] = "file";
    layer["node-name"] = name;
    layer["filename"] = path.native();
    layer["discard"] = "unmap";
    // The host does not lose power, so its page cache is enough, and much faster.
    layer["cache"]["no-flush"] = true;
    layer["cache"]["direct"] = false;
    return layer;
}

}  // namespace

json fault_layer(std::string_view name, std::string_view below, const std::vector<MediumFault>& faults) {
    json layer;
    layer["driver"] = "blkdebug";
    layer["node-name"] = name;
    layer["image"] = below;
    layer["discard"] = "unmap";
    layer["inject-error"] = json::array();
    for (const auto& fault : faults) {
        json rule;
        rule["event"] = "none";  // requests that do not come from an image format: all
        rule["iotype"] = request_type(fault.when);
        rule["errno"] = fault.error_number;
        if (fault.at_byte) rule["sector"] = *fault.at_byte / sector_size;
        layer["inject-error"].push_back(rule);
    }
    return layer;
}

std::vector<json> block_layers(std::string_view name, const Medium& medium) {
    const std::string top(name);
    std::vector<json> layers{file_layer(top + ".image", medium.image)};
    std::string below = top + ".image";
    if (!medium.faults.empty()) {
        layers.push_back(fault_layer(top + ".faults", below, medium.faults));
        below = top + ".faults";
    }
    if (medium.write_log) {
        layers.push_back(file_layer(top + ".log", *medium.write_log));
        json log;
        log["driver"] = "blklogwrites";
        log["node-name"] = top + ".recorded";
        log["file"] = below;
        log["log"] = top + ".log";
        log["log-sector-size"] = sector_size;
        log["discard"] = "unmap";
        layers.push_back(log);
        below = top + ".recorded";
    }
    json raw;  // its lower layer can be replaced while it is in use
    raw["driver"] = "raw";
    raw["node-name"] = top;
    raw["file"] = below;
    raw["discard"] = "unmap";
    layers.push_back(raw);
    return layers;
}

}  // namespace mox::virtual_mox
