#include "support/network_servers.hpp"

#include <algorithm>
#include <sstream>
#include <utility>

#include "support/loop_image.hpp"

namespace mox::test_support {

namespace {

namespace fs = std::filesystem;

RunningChild start_dnsmasq(const NetworkLab& lab, const std::vector<std::string>& more) {
    std::vector<std::string> argv{"dnsmasq",
                                  "--no-daemon",
                                  "--conf-file=/dev/null",
                                  "--user=root",
                                  "--interface=peer0",
                                  "--bind-interfaces",
                                  "--dhcp-range=10.77.0.100,10.77.0.199,2m",
                                  "--dhcp-leasefile=" + (lab.folder() / "leases").native(),
                                  "--no-ping",
                                  "--no-resolv",
                                  "--no-hosts",
                                  "--address=/repo.test/10.77.0.1",
                                  "--log-dhcp",
                                  "--log-queries"};
    argv.insert(argv.end(), more.begin(), more.end());
    return lab.start_at_peer("dnsmasq", std::move(argv), "started, version");
}

std::string tls_server(int port, const fs::path& certificate, const Certificates& certificates) {
    return "listen " + std::to_string(port) + " ssl; ssl_certificate " + certificate.native() +
           "; ssl_certificate_key " + certificates.key().native() + ";";
}

std::string configuration(const fs::path& folder, const Certificates& certificates, const std::string& more) {
    const fs::path modules = fs::path(MOX_NGINX).parent_path().parent_path() / "lib/nginx/modules";
    const auto served = [&](const std::string& listen) {
        return "  server { " + listen + " " + more + " }\n";
    };
    std::ostringstream text;
    text << "load_module " << (modules / "ngx_stream_module.so").native() << ";\n"
         << "daemon off; master_process off; user root; pid " << (folder / "nginx.pid").native() << ";\n"
         << "error_log stderr notice;\nevents {}\nhttp {\n"
         << "  log_format ranges '$status $uri \"$http_range\" $http_if_range';\n"
         << "  access_log " << (folder / "access.log").native() << " ranges;\n"
         << "  root " << (folder / "www").native() << ";\n";
    for (const auto* purpose : {"client_body", "proxy", "fastcgi", "uwsgi", "scgi"})
        text << "  " << purpose << "_temp_path " << (folder / "temporary").native() << ";\n";
    text << served(tls_server(WebPort::good, certificates.good(), certificates))
         << served(tls_server(WebPort::expired, certificates.expired(), certificates))
         << served(tls_server(WebPort::unknown, certificates.unknown(), certificates))
         << served("listen " + std::to_string(WebPort::plain) + ";") << "}\nstream { server { "
         << tls_server(WebPort::raw, certificates.good(), certificates)
         << " proxy_pass 127.0.0.1:" << WebPort::raw_behind << "; } }\n";
    return text.str();
}

RunningChild start_nginx(const NetworkLab& lab, const Certificates& certificates, const std::string& more) {
    fs::create_directories(lab.folder() / "www");
    const auto file = lab.folder() / "nginx.conf";
    write_file(file, configuration(lab.folder(), certificates, more));
    return lab.start_at_peer("nginx", {MOX_NGINX, "-p", lab.folder().native(), "-c", file.native()},
                             "using the \"epoll\" event method");
}

}  // namespace

DhcpServer::DhcpServer(const NetworkLab& lab, const std::vector<std::string>& more)
    : lab_(lab), server_(start_dnsmasq(lab, more)) {}

Certificates::Certificates(const fs::path& folder) : folder_(folder) {
    fs::create_directories(folder);
    const auto path = [&](const std::string& name) { return (folder / name).native(); };
    const auto new_key = [&](const std::string& name) {
        return std::vector<std::string>{"-newkey", "ec",      "-pkeyopt", "ec_paramgen_curve:P-256",
                                        "-nodes",  "-keyout", path(name)};
    };
    const auto make_authority = [&](const std::string& name) {
        std::vector<std::string> argv{
            "openssl", "req", "-x509", "-subj", "/CN=" + name, "-days", "30", "-out", path(name + ".pem")};
        for (const auto& word : new_key(name + ".key")) argv.push_back(word);
        run(argv);
    };
    make_authority("authority");
    make_authority("nobody");

    std::vector<std::string> request{"openssl", "req",
                                     "-subj",   "/CN=repo.test",
                                     "-addext", "subjectAltName=DNS:repo.test,IP:10.77.0.1",
                                     "-out",    path("server.csr")};
    for (const auto& word : new_key("server.key")) request.push_back(word);
    run(request);
    const auto sign = [&](const std::string& authority, const std::string& days, const std::string& name) {
        run({"openssl", "x509", "-req", "-in", path("server.csr"), "-CA", path(authority + ".pem"), "-CAkey",
             path(authority + ".key"), "-CAcreateserial", "-days", days, "-copy_extensions", "copy", "-out",
             path(name)});
    };
    sign("authority", "7", "good.pem");
    sign("authority", "-1", "expired.pem");
    sign("nobody", "7", "unknown.pem");
}

WebServer::WebServer(const NetworkLab& lab, const Certificates& certificates, const std::string& more)
    : lab_(lab), server_(start_nginx(lab, certificates, more)) {}

std::vector<WebRequest> WebServer::requests(std::size_t at_least) const {
    const auto log = lab_.folder() / "access.log";
    wait_until(
        [&] { return std::ranges::count(text_of(log), '\n') >= static_cast<std::ptrdiff_t>(at_least); },
        "the web server's log");
    std::vector<WebRequest> requests;
    std::istringstream lines(text_of(log));
    for (std::string line; std::getline(lines, line);) {
        std::istringstream words(line);
        WebRequest request;
        words >> request.status >> request.path >> request.range;
        std::getline(words >> std::ws, request.if_range);
        request.range = request.range.substr(1, request.range.size() - 2);
        requests.push_back(std::move(request));
    }
    return requests;
}

}  // namespace mox::test_support
