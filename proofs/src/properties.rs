//! What must hold of every act that is permitted, and what is never refused, said without looking at how the
//! policies say it.

/// A sentence about all acts of some actions: what holds of whatever is permitted ([`PROPERTIES`]), or what is
/// permitted whenever it holds ([`ALWAYS`]).
#[derive(Clone, Copy, Debug)]
pub struct Property {
    /// The sentence, as a name.
    pub name: &'static str,
    /// The actions that it speaks of.
    pub actions: &'static [&'static str],
    /// What holds, in Cedar. `PROOF` and `WORK` stand for the record that the action's context has them in.
    condition: &'static str,
}

impl Property {
    /// The condition in the words of one action's context.
    pub fn condition(&self, action: &str) -> String {
        let (proof, work) = match action {
            "signIn" => ("context", "context"),
            "operate" => ("context.proof", "context"),
            _ => ("context.work.proof", "context.work"),
        };
        self.condition.replace("PROOF", proof).replace("WORK", work)
    }

    /// The properties that speak of an action.
    pub fn of(action: &str) -> impl Iterator<Item = &'static Self> {
        PROPERTIES.iter().filter(move |property| property.actions.contains(&action))
    }
}

const AT_TERMINALS: &[&str] = &["signIn", "operate", "viewHistory"];
const IN_SESSIONS: &[&str] = &["operate", "viewHistory"];

/// What is done with a rule of the place that its case is marked with.
const RULES: &[&str] = &["layDownRule", "reviewRule", "withdrawRule"];

const fn property(name: &'static str, actions: &'static [&'static str], condition: &'static str) -> Property {
    Property { name, actions, condition }
}

/// All properties, in the order of the regulation.
pub const PROPERTIES: &[Property] = &[
    property("no_work_from_a_terminal_not_in_service", AT_TERMINALS, "PROOF.terminalInService"),
    property("no_work_outside_the_kind_of_card", IN_SESSIONS, "WORK.cardOperations.contains(WORK.operation)"),
    property("no_founding_of_a_founded_city", &["found"], "context.founded == false"),
    property(
        "no_acting_opened_but_by_the_head_or_for_an_unable_one",
        &["openActing"],
        r#"principal.posts.contains("head") || (context.headUnable && principal.section == "joho-tokei")"#,
    ),
    property("no_acting_without_a_reason", &["openActing"], "context.reasonGiven"),
    property(
        "no_acting_closed_by_bystanders",
        &["closeActing"],
        r#"principal.posts.containsAny(["head", "deputy"]) || principal.section == "joho-tokei""#,
    ),
    property(
        "no_reminder_but_by_the_head_or_the_secretariat",
        &["remind"],
        r#"principal.posts.containsAny(["head", "secretariat"])"#,
    ),
    property("no_after_view_but_by_the_head_in_person", &["seeActs"], "context.headInPerson"),
    property(
        "no_enrolment_but_by_the_secretariat",
        &["enrolPerson", "appoint", "transfer", "reverseTransfer"],
        r#"principal.section == "joho-tokei""#,
    ),
    property(
        "no_meeting_but_by_the_head",
        &["conveneCouncil", "cancelCouncil"],
        r#"principal.posts.contains("head")"#,
    ),
    property(
        "no_chair_but_the_head",
        &["openCouncil", "closeCouncil", "resolveMatter", "returnMinutes", "confirmMinutes"],
        r#"principal.posts.contains("head")"#,
    ),
    property("no_sitting_without_a_quorum", &["openCouncil"], r#"resource.marks.contains("quorate")"#),
    property(
        "no_matter_but_from_the_council",
        &["proposeMatter", "bindDocument", "withdrawMatter"],
        r#"principal.posts.containsAny(["head", "council-member", "secretariat"])"#,
    ),
    property(
        "no_deliberation_noted_by_bystanders",
        &["deliberate"],
        r#"principal.posts.containsAny(["head", "secretariat"])"#,
    ),
    property("no_importance_but_by_the_chair", &["markImportant"], r#"principal.posts.contains("head")"#),
    property(
        "no_important_resolution_without_the_opinion_but_in_an_emergency",
        &["resolveMatter"],
        r#"if resource.marks.contains("important")
           then resource.taken.containsAny(["hear-opinion", "declare-emergency"]) else true"#,
    ),
    property(
        "no_opinion_or_report_noted_by_bystanders",
        &["hearOpinion", "reportAfterwards"],
        r#"principal.posts.containsAny(["head", "secretariat"])"#,
    ),
    property("no_emergency_but_by_the_chair", &["declareEmergency"], r#"principal.posts.contains("head")"#),
    property("no_summons_but_by_the_chair", &["summonStaff"], r#"principal.posts.contains("head")"#),
    property(
        "no_notice_or_minutes_but_by_the_secretariat",
        &["notifyMembers", "draftMinutes"],
        r#"principal.posts.contains("secretariat")"#,
    ),
    property(
        "no_directive_but_by_the_head",
        &["issueDirective", "requestMeasures", "returnAnswer", "closeDirective", "withdrawDirective"],
        r#"principal.posts.contains("head")"#,
    ),
    property(
        "no_directive_without_a_resolution_or_a_heard_report",
        &["issueDirective"],
        r#"resource.marks.containsAny(["resolved", "reported"])"#,
    ),
    property(
        "no_request_without_a_resolution",
        &["requestMeasures"],
        r#"resource.marks.contains("resolved")"#,
    ),
    property(
        "no_directive_answered_but_by_its_addressee",
        &["receiveDirective", "answerDirective"],
        r#"if resource.kind == "directive" then resource.marks.contains("addressee") else true"#,
    ),
    property(
        "no_request_answered_but_through_the_secretariat",
        &["receiveDirective", "answerDirective"],
        r#"if resource.kind == "request" then principal.posts.containsAny(["head", "secretariat"]) else true"#,
    ),
    property(
        "no_entry_without_a_permit_in_force",
        &["pass"],
        "if context.entering && context.permitDemanded then context.permitted else true",
    ),
    property(
        "no_guest_let_in_without_the_permit_that_is_wanted",
        &["pass"],
        "if context.entering && context.permitDemanded then context.guestsPermitted else true",
    ),
    property(
        "no_entry_but_by_key_or_fingerprint_where_demanded",
        &["pass"],
        r#"if context.entering && !context.meansDemanded.isEmpty()
           then context.meansDemanded.contains(context.means) && ["key", "fingerprint"].contains(context.means)
           else true"#,
    ),
    property(
        "no_entry_by_a_finger_that_is_not_enrolled_where_demanded",
        &["pass"],
        r#"if context.entering && !context.meansDemanded.isEmpty() && context.means == "fingerprint"
           then context.enrolled else true"#,
    ),
    property(
        "no_entry_with_a_key_that_was_not_lent_where_demanded",
        &["pass"],
        r#"if context.entering && !context.meansDemanded.isEmpty() && context.means == "key"
           then context.keyLent else true"#,
    ),
    property(
        "no_entry_without_a_name_tag",
        &["pass"],
        "if context.entering && context.tagDemanded then context.tagged else true",
    ),
    property("no_entry_beyond_the_headcount", &["pass"], "if context.entering then !context.full else true"),
    property(
        "no_guest_let_in_but_by_somebody_enrolled_of_the_section",
        &["pass"],
        r#"if context.entering && context.attending
           then principal.section == "joho-tokei" && context.enrolled else true"#,
    ),
    property("no_passage_written_down_by_bystanders", &["pass"], "context.recorder"),
    property(
        "no_escort_but_by_somebody_enrolled_of_the_section",
        &["openEscort"],
        r#"principal.section == "joho-tokei" && context.enrolled"#,
    ),
    property("no_escort_without_necessity", &["openEscort"], "context.necessityGiven"),
    property("no_escort_in_two_rooms", &["openEscort"], "context.elsewhere == false"),
    property(
        "no_escort_without_the_guests_permit_where_demanded",
        &["openEscort"],
        "if context.guestPermitDemanded then context.guestPermitted else true",
    ),
    property("no_escort_of_a_guest_without_a_name_tag", &["openEscort"], "context.guestTagged"),
    property(
        "no_escort_closed_by_bystanders",
        &["closeEscort"],
        "context.own || principal.entryManagerOf.contains(resource.code)",
    ),
    property(
        "no_name_tag_handed_out_by_bystanders",
        &["keepTags"],
        r#"principal.section == "joho-tokei" || !principal.entryManagerOf.isEmpty()"#,
    ),
    property("no_key_lent_to_whoever_may_not_enter", &["lendKey"], "context.permitted"),
    property("no_finger_enrolled_of_whoever_may_not_enter", &["enrolFinger"], "context.permitted"),
    property(
        "no_permit_decided_but_by_the_rooms_entry_manager",
        &["grantPermit", "declinePermit", "reviewPermit", "suspendPermit", "resumePermit"],
        r#"resource.marks.contains("entry-manager")"#,
    ),
    property(
        "no_permit_withdrawn_by_strangers",
        &["withdrawPermit"],
        r#"resource.marks.containsAny(["entry-manager", "own"])"#,
    ),
    property(
        "no_outsider_listed_by_bystanders",
        &["keepOutsiders"],
        r#"principal.section == "joho-tokei" || !principal.entryManagerOf.isEmpty()"#,
    ),
    property(
        "no_alarm_closed_by_bystanders",
        &["closeAlarm"],
        r#"principal.section == "joho-tokei" || principal.posts.contains("head")
           || principal.entryManagerOf.contains(resource.code)"#,
    ),
    property(
        "no_key_but_by_the_key_officers_section",
        &["keepKeys", "lendKey", "returnKey", "countKeys"],
        r#"principal.section == "kanzai""#,
    ),
    property("no_key_lent_to_whoever_has_not_proven_who_it_is", &["lendKey"], "context.borrowerProven"),
    property(
        "no_lock_kept_but_by_the_lock_officers_section",
        &["enrolFinger", "removeFinger", "compareMembers", "keepControllers"],
        r#"principal.section == "joho-tokei""#,
    ),
    property("no_report_of_a_door_but_by_a_registered_controller", &["reportDoor"], "context.registered"),
    property(
        "no_records_imported_by_bystanders",
        &["importPassages"],
        r#"principal.section == "joho-tokei" || !principal.entryManagerOf.isEmpty()"#,
    ),
    property("no_finding_answered_but_by_who_owes_it", &["answerFinding"], "context.owes"),
    property("no_finding_settled_by_who_answered_it", &["settleFinding"], "context.own == false"),
    property(
        "no_finding_settled_but_by_the_head_or_who_keeps_a_ledger_of_it",
        &["settleFinding"],
        r#"principal.posts.containsAny(["head", "key-officer"])
           || principal.entryManagerOf.contains(resource.code)
           || (resource.level == 0 && !principal.entryManagerOf.isEmpty())"#,
    ),
    property(
        "no_reconciliation_but_by_who_keeps_a_ledger",
        &["reconcileLedgers"],
        r#"principal.posts.contains("key-officer") || !principal.entryManagerOf.isEmpty()"#,
    ),
    property(
        "no_report_on_a_room_but_by_its_entry_manager",
        &["prepareEntryReport"],
        r#"resource.marks.contains("entry-manager")"#,
    ),
    property(
        "no_report_on_a_room_heard_but_by_the_head",
        &["hearEntryReport", "inspectEntryControl", "concludeEntryReport"],
        r#"principal.posts.contains("head")"#,
    ),
    property("no_work_without_an_open_session", IN_SESSIONS, "WORK.sessionOpen"),
    property("no_work_where_something_else_than_a_card_is_wanted", AT_TERMINALS, "PROOF.authenticator"),
    property("no_work_without_a_card", AT_TERMINALS, "PROOF.cardProven"),
    property(
        "no_work_without_a_password_where_demanded",
        AT_TERMINALS,
        "if PROOF.passwordDemanded then PROOF.passwordProven else true",
    ),
    property(
        "no_terminal_kept_but_by_the_access_manager",
        &["keepTerminals"],
        r#"principal.posts.contains("access-manager")"#,
    ),
    property(
        "no_card_issued_but_by_the_access_manager",
        &["issueCard", "restoreCard"],
        r#"principal.posts.contains("access-manager")"#,
    ),
    property(
        "no_card_prepared_but_by_the_access_managers_section",
        &["prepareCard"],
        r#"principal.section == "joho-tokei""#,
    ),
    property(
        "no_card_stopped_by_strangers",
        &["stopCard"],
        r#"context.holder || principal.officerOf.contains(resource.section)
           || principal.posts.contains("access-manager")"#,
    ),
    property("no_work_while_locked_out", AT_TERMINALS, "PROOF.locked == false"),
    property(
        "no_password_set_but_by_its_owner_or_handed_over_by_the_access_manager",
        &["setPassword"],
        r#"if context.own && context.oldProven then true
           else (context.first || context.own == false) && principal.posts.contains("access-manager")"#,
    ),
    property("no_work_with_a_password_that_another_knows", IN_SESSIONS, "WORK.passwordOwn"),
    property(
        "no_designation_proposed_but_by_the_sections_officer",
        &["proposeDesignation"],
        "principal.officerOf.contains(resource.code)",
    ),
    property(
        "no_designation_agreed_but_by_the_access_manager",
        &["agreeDesignation"],
        r#"principal.posts.contains("access-manager")"#,
    ),
    property(
        "no_designation_ended_by_strangers",
        &["endDesignation"],
        r#"principal.officerOf.contains(resource.code) || principal.posts.contains("access-manager")"#,
    ),
    property("no_work_without_a_designation", IN_SESSIONS, "WORK.designated"),
    property("no_card_without_a_designation", &["issueCard", "lendSpare"], "context.designated"),
    property("no_card_issued_by_whoever_prepared_it", &["issueCard"], "context.byAnother"),
    property(
        "no_card_inspected_by_its_holder_or_by_bystanders",
        &["inspectCard"],
        r#"context.holder == false
           && (principal.section == "joho-tokei" || principal.posts.contains("access-manager")
               || principal.officerOf.contains(resource.section))"#,
    ),
    property(
        "no_spare_card_handed_over_by_bystanders",
        &["lendSpare", "returnSpare"],
        r#"principal.section == "joho-tokei" || principal.posts.contains("access-manager")
           || principal.officerOf.contains(resource.section)"#,
    ),
    property(
        "no_spare_card_confirmed_by_its_borrower",
        &["lendSpare", "returnSpare"],
        "context.own == false",
    ),
    property(
        "no_spare_card_counted_by_bystanders",
        &["countSpares"],
        r#"principal.section == "joho-tokei" || principal.posts.contains("access-manager")
           || !principal.officerOf.isEmpty()"#,
    ),
    property("no_work_with_a_spare_card_that_is_not_lent", AT_TERMINALS, "PROOF.lent"),
    property("no_work_with_a_card_not_in_the_ledger", AT_TERMINALS, "PROOF.cardInLedger"),
    property("no_work_with_a_card_not_in_use", AT_TERMINALS, "PROOF.cardInUse"),
    property(
        "no_rule_for_cards_but_by_the_access_manager",
        RULES,
        r#"if resource.marks.contains("cards-and-passwords")
           then principal.posts.contains("access-manager") else true"#,
    ),
    property("no_work_with_the_card_of_another", AT_TERMINALS, "PROOF.holder"),
    property("no_work_before_the_rules_in_force_are_read", IN_SESSIONS, "WORK.rulesRead"),
    property(
        "no_card_at_two_terminals_explained_by_its_holder_or_bystanders",
        &["closeCardAlarm"],
        r#"context.own == false && principal.posts.containsAny(["access-manager", "head"])"#,
    ),
    property(
        "no_rule_acknowledged_but_by_operators",
        &["acknowledgeRule"],
        r#"resource.marks.contains("operator")"#,
    ),
    property(
        "no_history_of_others_without_a_post",
        &["viewHistory"],
        r#"context.scope == "own" || principal.posts.containsAny(["head", "access-manager"])
           || !principal.officerOf.isEmpty()"#,
    ),
    property(
        "no_history_of_others_without_a_purpose",
        &["viewHistory"],
        r#"context.scope == "own" || context.purposeGiven"#,
    ),
    property(
        "no_residents_entered_but_by_the_officer_of_shimin",
        &["enterResidents"],
        r#"principal.officerOf.contains("shimin")"#,
    ),
    property("no_operation_without_being_a_handler", &["operate"], "context.handler"),
    property(
        "no_history_of_others_without_being_a_handler",
        &["viewHistory"],
        r#"context.scope == "own" || context.work.handler"#,
    ),
    property(
        "no_handler_designated_but_by_the_sections_officer",
        &["designateHandler", "endHandler"],
        "principal.officerOf.contains(resource.code)",
    ),
    property(
        "no_rule_for_forms_but_by_security_officers",
        &["layDownRule", "reviewRule", "withdrawRule", "agreeRule"],
        r#"if resource.marks.contains("forms-and-cards") then !principal.officerOf.isEmpty() else true"#,
    ),
    property(
        "no_rule_for_forms_without_everybodys_agreement",
        &["layDownRule"],
        r#"if resource.marks.contains("forms-and-cards") then resource.marks.contains("agreed") else true"#,
    ),
    property(
        "no_rule_for_assets_but_by_the_asset_manager",
        RULES,
        r#"if resource.marks.contains("assets") then principal.posts.contains("asset-manager") else true"#,
    ),
    property(
        "no_operation_plan_but_by_the_asset_manager",
        RULES,
        r#"if resource.marks.contains("operation-plan")
           then principal.posts.contains("asset-manager") else true"#,
    ),
    property(
        "no_operation_plan_agreed_but_by_security_officers",
        &["agreeRule"],
        r#"if resource.marks.contains("operation-plan") then !principal.officerOf.isEmpty() else true"#,
    ),
    property(
        "no_operation_plan_without_everybodys_agreement",
        &["layDownRule"],
        r#"if resource.marks.contains("operation-plan") then resource.marks.contains("agreed") else true"#,
    ),
    property(
        "no_run_ticked_but_by_the_section_that_operates",
        &["tickRun"],
        r#"principal.section == "joho-tokei""#,
    ),
    property(
        "no_rule_for_audits_but_by_the_head",
        RULES,
        r#"if resource.marks.contains("audits") then principal.posts.contains("head") else true"#,
    ),
    property(
        "no_entry_in_a_lockdown",
        &["pass"],
        "if context.lockedDown then context.entering == false else true",
    ),
    property(
        "no_escort_or_key_for_an_entry_in_a_lockdown",
        &["openEscort", "lendKey"],
        "context.lockedDown == false",
    ),
    property(
        "no_lockdown_but_by_the_head_or_the_system_manager",
        &["lockDown", "liftLockdown"],
        r#"principal.posts.containsAny(["head", "system-manager"])"#,
    ),
    property(
        "no_emergency_plan_but_by_the_head",
        RULES,
        r#"if resource.marks.contains("emergency-plan") then principal.posts.contains("head") else true"#,
    ),
    property(
        "no_rule_drafted_by_bystanders",
        &["draftRule"],
        r#"principal.posts.contains("head") || principal.section == "joho-tokei"
           || !principal.officerOf.isEmpty()"#,
    ),
    property(
        "no_rule_of_no_other_place_but_by_the_head",
        RULES,
        r#"if resource.marks.containsAny(["cards-and-passwords", "forms-and-cards", "assets",
                                          "operation-plan", "audits", "emergency-plan"])
           then true else principal.posts.contains("head")"#,
    ),
];

/// What is never refused, in the order of the regulation.
pub const ALWAYS: &[Property] = &[
    property("leaving_is_never_refused", &["pass"], "context.entering == false && context.recorder"),
    property("anybody_may_apply_for_a_permit", &["applyPermit"], "true"),
    property("anybody_may_report_a_card_lost_or_found", &["reportLostCard", "reportFoundCard"], "true"),
    property("anybody_may_end_a_stay_at_a_terminal", &["signOut"], "true"),
];
