// links: base core
#include "core/admin_host.h"

#include <criterion/criterion.h>

static bool allowed(const char *authority, const char *listed)
{
    return admin_host_allowed(span_of(authority), listed);
}

Test(admin_host, test_admin_host_when_a_name_of_somebody_else_then_refused)
{
    static const char *const hosts[] = {
        "",
        "evil.example",
        "evil.example:9090",
        "localhost.evil.example",
        ":9090",
        "127.0.0.1.evil.example:9090",
        "[",
        "[::1",
        "[]:9090",
        "localhostx",
        "xlocalhost",
        "[evil.example]:9090",
        ",",
        "a,b",
    };
    for (size_t i = 0; i < sizeof hosts / sizeof hosts[0]; i++) {
        cr_expect(!allowed(hosts[i], NULL), "%s", hosts[i]);
        cr_expect(!allowed(hosts[i], "admin.example,,x"), "%s", hosts[i]);
    }
}

Test(admin_host, test_admin_host_when_an_address_or_listed_then_allowed)
{
    static const char *const hosts[] = {"127.0.0.1", "127.0.0.1:9090", "[::1]:9090", "[::1]",
                                        "localhost", "LocalHost:1",    "10.1.2.3:80"};
    for (size_t i = 0; i < sizeof hosts / sizeof hosts[0]; i++) {
        cr_expect(allowed(hosts[i], NULL), "%s", hosts[i]);
    }
    cr_expect(allowed("admin.example:9090", "ops.example,Admin.Example"));
    cr_expect(!allowed("admin.example", "ops.example"));
}

static bool same(const char *origin, const char *authority)
{
    return admin_origin_same(span_of(origin), span_of(authority));
}

Test(admin_host, test_admin_origin_when_not_the_pages_own_then_refused)
{
    cr_expect(!same("null", "localhost:9090"));
    cr_expect(!same("", "localhost:9090"));
    cr_expect(!same("http://", ""));
    cr_expect(!same("http://localhost:8080", "localhost:9090"), "another port");
    cr_expect(!same("http://evil.example", "localhost:9090"));
    cr_expect(!same("ftp://localhost:9090", "localhost:9090"));
    cr_expect(!same("http://localhost:9090.evil.example", "localhost:9090"));
    cr_expect(same("http://localhost:9090", "localhost:9090"));
    cr_expect(same("https://admin.example", "admin.example"));
}
