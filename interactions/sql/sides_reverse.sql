-- The checks go; the functions keep their stricter bodies.
DROP TRIGGER stays_medical ON interactions_followup;
DROP FUNCTION crm_follow_up_of_medical();
DROP TRIGGER keep_compartment ON interactions_followup;
DROP TRIGGER field_attendee_is_owned ON interactions_attendee;
DROP TRIGGER keep_record ON interactions_topic;
DROP TRIGGER keep_record ON interactions_attendee;
DROP TRIGGER keep_record ON interactions_valuegiven;
DROP TRIGGER keep_record ON interactions_samplegiven;
DROP TRIGGER keep_record ON interactions_change;
