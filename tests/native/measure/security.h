/* Se: tokens and access. */

static void security(void)
{
    HANDLE token, copy, made;
    LUID luid;
    ULONG granted, status, room = sizeof buffer, session = 0;
    BOOLEAN result;
    struct {
        ULONG count, control;
        LUID_AND_ATTRIBUTES one;
    } set = {1, 1, {{23, 0}, SE_PRIVILEGE_ENABLED}};
    GENERIC_MAPPING mapping = {1, 2, 4, 7};
    TOKEN_PRIVILEGES *privileges = (TOKEN_PRIVILEGES *)&set.control;
    struct {
        SID sid;
        ULONG more;
    } administrators = {{1, 2, {{0, 0, 0, 0, 0, 5}}, {32}}, 544}, system = {{1, 1, {{0, 0, 0, 0, 0, 5}}, {18}}, 0};
    TOKEN_USER user = {{&system.sid, 0}};
    TOKEN_GROUPS groups = {1, {{&administrators.sid, SE_GROUP_MANDATORY | SE_GROUP_ENABLED | SE_GROUP_ENABLED_BY_DEFAULT}}};
    TOKEN_PRIMARY_GROUP primary = {&system.sid};
    TOKEN_SOURCE source = {"measure", {0, 0}};
    LUID session_id = {0x3E7, 0};
    LARGE_INTEGER forever = {.QuadPart = MAXLONGLONG};
    SECURITY_QUALITY_OF_SERVICE quality = {sizeof quality, SecurityImpersonation, SECURITY_STATIC_TRACKING, FALSE};
    OBJECT_ATTRIBUTES attributes;
    SECURITY_DESCRIPTOR descriptor = {1, 0, SE_DACL_PRESENT, &system.sid, &system.sid, NULL, NULL};
    InitializeObjectAttributes(&attributes, NULL, 0, NULL, NULL);
    attributes.SecurityQualityOfService = &quality;

    CALL(NtOpenProcessToken, SELF, ALL_ACCESS, &token);
    CALL(NtDuplicateToken, token, ALL_ACCESS, &attributes, FALSE, TokenImpersonation, &copy);
    CALL(NtSetInformationThread, THIS_THREAD, 5, &copy, sizeof copy);
    CALL(NtOpenThreadToken, THIS_THREAD, ALL_ACCESS, TRUE, &made);
    NtClose(made);
    made = NULL;
    CALL(NtSetInformationThread, THIS_THREAD, 5, &made, sizeof made);
    CALL(NtQueryInformationToken, copy, TokenUser, &buffer, sizeof buffer, &length);
    CALL(NtSetInformationToken, copy, TokenSessionId, &session, sizeof session);
    privileges->PrivilegeCount = 1;
    CALL(NtAdjustPrivilegesToken, copy, FALSE, privileges, 0, NULL, NULL);
    CALL(NtAdjustGroupsToken, copy, TRUE, NULL, 0, NULL, NULL);
    CALL(NtPrivilegeCheck, copy, &set, &result);
    CALL(NtAccessCheck, &descriptor, copy, 1, &mapping, &buffer, &room, &granted, &status);
    CALL(NtCreateToken, &made, ALL_ACCESS, &attributes, TokenImpersonation, &session_id, &forever, &user, &groups,
        privileges, NULL, &primary, NULL, &source);
    NtClose(made);
    NtClose(copy);
    NtClose(token);
    CALL(NtAllocateLocallyUniqueId, &luid);
}
